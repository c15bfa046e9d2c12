import BinderyBinding
import Foundation

/// The samples of an item as one channel at one rate, made as they are asked for.
final class SampleStream {
    /// Samples per second.
    let rate: Double
    private let resampler: Resampler
    /// What is still to be read, each a pass of its own.
    private var passes: ArraySlice<Pass>
    private var current: (source: Pass.Source, part: Mixing.Part, stream: ResamplerStream)?

    private struct Pass {
        enum Source {
            case memory(Waveform)
            case file(SoundReader)
        }

        let part: Mixing.Part
        let open: () throws -> Source
    }

    /// Throws when the item is none of this modality; files are opened when their turn comes.
    init(_ item: Item, rate: Double, resampler: Resampler, mixing: Mixing) throws {
        self.rate = rate
        self.resampler = resampler
        switch item.source {
        case .samples(let samples, let rate):
            let whole = try Waveform(samples, rate: rate, source: item.name)
            let part = try whole.part(item.range, of: item.name)
            passes = [Pass(part: .mean) { .memory(part) }]
        case .joined(let parts, let seconds):
            passes =
                parts.map { item in
                    Pass(part: .mean) {
                        let part = try SampleStream(item, rate: rate, resampler: resampler, mixing: mixing)
                        return .memory(Waveform(finite: try part.all(filling: seconds), rate: rate))
                    }
                }[...]
        default:
            let file = try AudioFile(item)
            passes =
                mixing.parts(file.channels).map { part in
                    Pass(part: part) { .file(try SoundReader(file.source, range: item.range)) }
                }[...]
        }
    }

    /// Appends some more samples; false when there are none.
    func read(into samples: inout [Float]) throws -> Bool {
        if current == nil {
            guard let pass = passes.popFirst() else { return false }
            let source = try pass.open()
            let from =
                switch source {
                case .memory(let sound): sound.rate
                case .file(let reader): reader.rate
                }
            current = (source, pass.part, try ResamplerStream(resampler, from: from, to: rate))
        }
        guard let (source, part, stream) = current else { return false }
        var mixed: [Float] = []
        switch source {
        case .memory(let sound): mixed = sound.samples
        case .file(let reader):
            if let block = try reader.next() { part.append(block, reader.channels, to: &mixed) }
        }
        try mixed.withUnsafeBufferPointer { mixed in try stream.push(mixed, into: &samples) }
        if case .file = source, !mixed.isEmpty { return true }
        try stream.finish(into: &samples)
        current = nil
        return true
    }

    /// All samples, cut or followed by silence to so many seconds where they are given.
    private func all(filling seconds: Double?) throws -> [Float] {
        let length = seconds.map { Int(($0 * rate).rounded()) } ?? AudioFile.mostSamples
        var samples: [Float] = []
        while samples.count < length, try read(into: &samples) {}
        let rest = seconds == nil ? 0 : max(length - samples.count, 0)
        return Array(samples.prefix(length)) + repeatElement(0, count: rest)
    }
}

extension AudioFile {
    /// Opens the file that an item names; throws when it is no sound.
    init(_ item: Item) throws {
        switch item.source {
        case .file(let url): try self.init(contentsOf: url)
        case .bytes(let data): try self.init(data, name: item.name)
        case .text, .row, .samples, .joined: throw AudioError(item.name, .notSound)
        }
    }
}

extension Waveform {
    /// The part between two times in seconds; throws when it is empty.
    fileprivate func part(_ range: Range<Double>?, of source: String) throws(AudioError) -> Waveform {
        guard let range else { return self }
        let (start, end) = ((range.lowerBound * rate).rounded(), (range.upperBound * rate).rounded())
        guard start >= 0, end > start else {
            throw AudioError(source, .range(start: range.lowerBound, end: range.upperBound))
        }
        guard start < Double(samples.count) else {
            throw AudioError(source, .beyond(start: range.lowerBound, seconds: seconds))
        }
        return Waveform(finite: Array(samples[Int(start)..<Int(min(end, Double(samples.count)))]), rate: rate)
    }
}
