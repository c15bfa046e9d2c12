import Foundation
import TestSupport

/// A small world that tests make for themselves: tones of three pitches as WAV files, their manifest, a recipe.
struct World {
    let folder: TemporaryFolder
    let tool: Tool

    /// Nil, with the reason printed, when the tool was not built.
    init?() throws {
        guard let tool = Tool() else { return nil }
        self.tool = tool
        folder = try TemporaryFolder()
        try FileManager.default.createDirectory(at: folder.file("audio"), withIntermediateDirectories: true)
        var rows = "path,label\n"
        for (label, pitch) in [("low", 200.0), ("middle", 800), ("high", 3000)] {
            for take in 0..<8 {
                let name = "audio/\(label)\(take).wav"
                try Self.wave(seconds: 0.6, pitch: pitch * (1 + 0.02 * Double(take))).write(to: folder.file(name))
                rows += "\(name),\(label)\n"
            }
        }
        try Data(rows.utf8).write(to: folder.file("train.csv"))
        try Data("label,phrase\nlow,a low tone\nmiddle,a tone between\nhigh,a high tone\n".utf8)
            .write(to: folder.file("classes.csv"))
        try Self.vocabulary.write(to: folder.file("vocab.txt"), atomically: true, encoding: .utf8)
        try Self.recipe.write(to: folder.file("recipe.yaml"), atomically: true, encoding: .utf8)
    }

    /// A mono 16-bit WAV of a tone with two overtones.
    static func wave(seconds: Double, pitch: Double, rate: Int = 8000) -> Data {
        let samples = (0..<Int(seconds * Double(rate))).map { index -> Int16 in
            let phase = 2 * Double.pi * pitch * Double(index) / Double(rate)
            return Int16(8000 * (sin(phase) + 0.3 * sin(2 * phase) + 0.1 * sin(3 * phase)))
        }
        return riff(format: 1, channels: 1, rate: rate, bits: 16, body: samples.withUnsafeBytes { Data($0) })
    }

    /// A WAV file around `body`.
    static func riff(
        format: UInt16, channels: Int, rate: Int, bits: Int, body: Data, claimed: UInt32? = nil
    ) -> Data {
        var data = Data("RIFF".utf8)
        func number(_ value: some FixedWidthInteger) {
            withUnsafeBytes(of: value.littleEndian) { data.append(contentsOf: $0) }
        }
        let size = claimed ?? UInt32(body.count)
        number(UInt32(clamping: 36 + Int(size)))
        data.append(Data("WAVEfmt ".utf8))
        number(UInt32(16))
        number(format)
        number(UInt16(channels))
        number(UInt32(rate))
        number(UInt32(rate * channels * bits / 8))
        number(UInt16(channels * bits / 8))
        number(UInt16(bits))
        data.append(Data("data".utf8))
        number(size)
        data.append(body)
        return data
    }

    private static let vocabulary =
        ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "low", "high", "tone", "between"]
        .joined(separator: "\n") + "\n"

    /// A recipe of a few seconds: a narrow CNN14 beside a small BERT that learns too.
    private static let recipe = """
        space:
          width: 16
          towers:
            audio:
              encoder: audio/cnn14
              projection: linear
              config:
                rate: 8000
                seconds: 0.6
                fft: 256
                hop: 80
                bins: 32
                low: 50
                high: 4000
                widths: [4, 4, 8, 8, 8, 16]
                block_dropout: 0.1
                dropout: 0.1
        """
}
