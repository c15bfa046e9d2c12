public import Foundation

/// WAV files made by hand.
public enum Wave {
    /// A mono 16-bit tone with two overtones.
    public static func tone(seconds: Double, pitch: Double, rate: Int = 8000, channels: Int = 1) -> Data {
        var samples: [Int16] = []
        for index in 0..<Int(seconds * Double(rate)) {
            let phase = 2 * Double.pi * pitch * Double(index) / Double(rate)
            let value = Int16(8000 * (sin(phase) + 0.3 * sin(2 * phase) + 0.1 * sin(3 * phase)))
            samples.append(contentsOf: repeatElement(value, count: channels))
        }
        return file(channels: channels, rate: rate, bits: 16, body: samples.withUnsafeBytes { Data($0) })
    }

    /// A WAV file around `body`; `format` 1 is whole numbers, 3 is floats; `claimed` is the body's length in the header.
    public static func file(
        format: UInt16 = 1, channels: Int, rate: Int, bits: Int, body: Data, claimed: UInt32? = nil
    ) -> Data {
        var data = Data("RIFF".utf8)
        func append(_ value: some FixedWidthInteger) {
            withUnsafeBytes(of: value.littleEndian) { data.append(contentsOf: $0) }
        }
        let size = claimed ?? UInt32(body.count)
        append(UInt32(clamping: 36 + Int(size)))
        data.append(Data("WAVEfmt ".utf8))
        append(UInt32(16))
        append(format)
        append(UInt16(channels))
        append(UInt32(rate))
        append(UInt32(rate * channels * bits / 8))
        append(UInt16(channels * bits / 8))
        append(UInt16(bits))
        data.append(Data("data".utf8))
        append(size)
        data.append(body)
        return data
    }
}
