public import BinderyTensors
internal import CKernels
internal import Foundation

/// The instrument that makes log-mel spectrograms: window, filters and Fourier plan of one front end, made once.
///
/// Safe to share; frames are computed in parallel, and the numbers do not depend on the number of threads.
public final class Spectrograph: Sendable {
    /// What this instrument computes.
    public let mel: LogMel
    private let filters: MelFilters
    private let window: [Double]
    private let transform: RealTransform

    /// Prepares a front end; traps when it has `problems` (decoded ones have none).
    public init(_ mel: LogMel) {
        precondition(mel.problems.isEmpty, "Spectrograph: \(mel.problems.joined(separator: ", "))")
        self.mel = mel
        filters = MelFilters(mel)
        transform = RealTransform(size: mel.transform)
        let period = Double(mel.taper == .periodicHann ? mel.window : mel.window - 1)
        window = (0..<mel.window).map { 0.5 - 0.5 * cos(2 * .pi * Double($0) / period) }
    }

    /// The log-mel spectrogram of samples at the front end's rate, [frames, bins].
    public func callAsFunction(_ samples: [Float]) -> Tensor {
        let bins = mel.bins
        let levels = rows(samples, bins) { [filters, mel] spectrum, row in
            ck_mel(spectrum, bins, filters.first, filters.blocks, filters.weights, row)
            switch mel.level {
            case .decibels: ck_log(row, bins, Float(10 / log(10.0)), mel.floor, Float(10 * log10(Double(mel.floor))))
            case .natural: ck_log(row, bins, 1, mel.floor, Float(log(Double(mel.floor))))
            case .linear: break
            }
        }
        guard mel.removesBinMeans, levels.count > 0 else { return levels }
        return levels - levels.mean(axes: [0])
    }

    /// The weights of the mel filters, [transform / 2 + 1, bins].
    public var filterBank: Tensor { filters.matrix }

    /// The spectrum before the filters, [frames, transform / 2 + 1].
    public func spectrum(_ samples: [Float]) -> Tensor {
        let width = filters.frequencies
        return rows(samples, width) { spectrum, row in row.update(from: spectrum, count: width) }
    }

    /// One row per frame, in pieces of 64 frames over the threads.
    private func rows(
        _ samples: [Float], _ width: Int, _ finish: (UnsafePointer<Float>, UnsafeMutablePointer<Float>) -> Void
    ) -> Tensor {
        let samples = mel.removesMean ? samples.withoutMean : samples
        let frames = mel.frames(of: samples.count)
        return Tensor(shape: [frames, width]) { target in
            guard let base = target.baseAddress, frames > 0 else { return }
            samples.withUnsafeBufferPointer { samples in
                nonisolated(unsafe) let (base, samples, finish) = (base, samples, finish)
                Threads.forEach(frames, grain: 64) { piece in
                    let workspace = RealTransform.Workspace(mel.transform)
                    for frame in piece {
                        self.load(frame, of: samples, into: workspace.samples)
                        transform(workspace, isPower: mel.spectrum == .power)
                        finish(workspace.spectrum, base + frame * width)
                    }
                }
            }
            if let range = mel.range, mel.level == .decibels { ck_limit_range(base, frames * width, range) }
        }
    }

    /// Writes the windowed samples of a frame to the middle of the transform, or to its start when edges are snipped.
    private func load(_ frame: Int, of samples: UnsafeBufferPointer<Float>, into target: UnsafeMutablePointer<Double>) {
        guard let source = samples.baseAddress else { return }
        let isSnipped = mel.edges == .snipped
        let target = isSnipped ? target : target + (mel.transform - mel.window) / 2
        let begin = frame * mel.hop - (isSnipped ? 0 : mel.transform / 2 - (mel.transform - mel.window) / 2)
        let isInside = begin >= 0 && begin + mel.window <= samples.count
        if isInside && !mel.removesOffset && mel.preEmphasis == 0 {
            ck_window(source + begin, window, target, mel.window)
            return
        }
        for index in 0..<mel.window {
            target[index] = Double(mel.edges.sample(begin + index, of: samples))
        }
        ck_condition(target, window, mel.window, mel.removesOffset, mel.preEmphasis)
    }
}

extension LogMel.Edges {
    /// The sample at `index`, which may lie beyond the ends.
    func sample(_ index: Int, of samples: UnsafeBufferPointer<Float>) -> Float {
        if index >= 0 && index < samples.count { return samples[index] }
        guard self == .reflected else { return 0 }
        // Mirrored again and again without repeating the end samples; one sample is a constant.
        let period = max(2 * (samples.count - 1), 1)
        let place = (index % period + period) % period
        return samples[min(place, period - place)]
    }
}

extension [Float] {
    /// The samples minus their mean.
    fileprivate var withoutMean: [Float] {
        let mean = Float(reduce(0.0) { $0 + Double($1) } / Double(Swift.max(count, 1)))
        return map { $0 - mean }
    }
}
