import BinderyBinding
import BinderyTensors
import Foundation

extension Inspection {
    /// Sound files, read to their end; tones, sweeps, noise and clicks.
    static let sounds = Inspection(
        extensions: ["wav", "flac", "ogg", "oga", "opus", "mp3", "aiff", "aif", "aifc", "au", "caf", "w64"],
        facts: { item in
            let file = try AudioFile(item)
            var (peak, frames) = (Float(0), 0)
            try file.forEachBlock(in: item.range) { block in
                frames += block.count / file.channels
                for sample in block { peak = max(peak, abs(sample)) }
            }
            return [
                .rate: file.rate, .channels: Double(file.channels), .seconds: Double(frames) / file.rate,
                .peak: Double(peak),
            ]
        }, specimens: { (0..<16).map(specimen) })

    /// Two seconds of sound number `number`.
    private static func specimen(_ number: Int) -> Item {
        let rate = 16000.0
        var random = RandomSource(seed: UInt64(number))
        let noise = random.uniform([32000], in: -1...1).values
        let pitch = 110 * pow(2, Double(number) / 2.5)
        let samples = (0..<32000).map { index -> Float in
            let time = Double(index) / rate
            switch number % 4 {
            case 0: return Float(0.4 * sin(2 * .pi * pitch * time))
            case 1: return 0.3 * noise[index] * Float(exp(-time * Double(number)))
            case 2: return Float(0.4 * sin(2 * .pi * (pitch + 300 * time) * time))
            default: return index % (400 * number) < 40 ? 0.8 * noise[index] : 0
            }
        }
        return Item(.samples(samples, rate: rate))
    }
}
