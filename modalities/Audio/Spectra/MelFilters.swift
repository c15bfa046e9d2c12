internal import BinderyTensors
internal import CKernels
internal import Foundation

/// The triangular filters of a front end, each with only the frequencies it weighs.
struct MelFilters: Sendable {
    /// The first frequency of every filter, and how many blocks of `CK_MEL_BLOCK` weights it has.
    private(set) var first: [Int32] = []
    private(set) var blocks: [Int32] = []
    /// The filters' weights one after another, each padded with zeros to whole blocks.
    private(set) var weights: [Float] = []
    /// The number of frequencies, transform / 2 + 1.
    let frequencies: Int

    init(_ mel: LogMel) {
        frequencies = mel.transform / 2 + 1
        for row in MelFilters.rows(mel) {
            let begin = row.firstIndex { $0 != 0 } ?? 0
            let end = (row.lastIndex { $0 != 0 } ?? -1) + 1
            let length = max(end - begin, 0)
            let count = (length + Int(CK_MEL_BLOCK) - 1) / Int(CK_MEL_BLOCK)
            first.append(Int32(begin))
            blocks.append(Int32(count))
            weights.append(contentsOf: row[begin..<begin + length].map(Float.init))
            weights.append(contentsOf: repeatElement(0, count: count * Int(CK_MEL_BLOCK) - length))
        }
    }

    /// The filters as a dense matrix, [frequencies, bins].
    var matrix: Tensor {
        var matrix = [Float](repeating: 0, count: frequencies * first.count)
        var offset = 0
        for (bin, (first, blocks)) in zip(first, blocks).enumerated() {
            for index in 0..<Int(blocks) * Int(CK_MEL_BLOCK) where Int(first) + index < frequencies {
                matrix[(Int(first) + index) * self.first.count + bin] = weights[offset + index]
            }
            offset += Int(blocks) * Int(CK_MEL_BLOCK)
        }
        return Tensor(matrix, [frequencies, first.count])
    }

    /// One row of weights per filter: triangles between three neighbours of bins + 2 points equally spaced in mels.
    private static func rows(_ mel: LogMel) -> [[Double]] {
        let (lowest, highest) = (mel.scale.mels(mel.low), mel.scale.mels(mel.high))
        let points = (0..<mel.bins + 2).map { lowest + (highest - lowest) * Double($0) / Double(mel.bins + 1) }
        let hertz = points.map(mel.scale.hertz)
        let isOverMels = mel.scale == .kaldi
        let corners = isOverMels ? points : hertz
        let frequencies = (0...mel.transform / 2).map { Double($0) * mel.rate / Double(mel.transform) }
        // Kaldi leaves the Nyquist frequency out.
        let places = isOverMels ? frequencies.dropLast().map(mel.scale.mels) : frequencies
        return (0..<mel.bins).map { bin in
            let (left, centre, right) = (corners[bin], corners[bin + 1], corners[bin + 2])
            let height = mel.isAreaNormalised ? 2 / (hertz[bin + 2] - hertz[bin]) : 1
            var row = places.map { place in
                height * max(0, min((place - left) / (centre - left), (right - place) / (right - centre)))
            }
            if isOverMels { row.append(0) }
            return row
        }
    }
}

extension LogMel.Scale {
    // Slaney: 200/3 Hz per mel up to 1 kHz, then 27 mels per factor 6.4.
    private static let (linear, knee, logarithmic) = (200.0 / 3, 1000.0, Foundation.log(6.4) / 27)

    /// A frequency in hertz as mels.
    func mels(_ hertz: Double) -> Double {
        switch self {
        case .slaney where hertz < Self.knee: hertz / Self.linear
        case .slaney: Self.knee / Self.linear + log(hertz / Self.knee) / Self.logarithmic
        case .htk: 2595 * log10(1 + hertz / 700)
        case .kaldi: 1127 * log(1 + hertz / 700)
        }
    }

    /// Mels as a frequency in hertz.
    func hertz(_ mels: Double) -> Double {
        let knee = Self.knee / Self.linear
        return switch self {
        case .slaney: mels < knee ? mels * Self.linear : Self.knee * exp((mels - knee) * Self.logarithmic)
        case .htk: 700 * (pow(10, mels / 2595) - 1)
        case .kaldi: 700 * (exp(mels / 1127) - 1)
        }
    }
}
