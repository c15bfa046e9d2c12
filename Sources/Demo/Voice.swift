import BinderyTensors
import Foundation

/// A voice made of numbers: a buzz or a hiss through three resonances that glide from sound to sound (the source and filter
/// of Klatt 1980, in their simplest form).
struct Voice {
    /// Samples per second.
    static let rate = 8000.0

    /// How high it speaks, in hertz.
    let pitch: Double
    /// How short the throat is: what all resonances are multiplied by.
    let throat: Double
    /// How fast it speaks.
    let speed: Double
    /// How much breath is in it.
    let breath: Double

    /// A voice unlike the others.
    init(_ random: inout RandomSource) {
        let height = Double(random.uniform())
        pitch = 85 * pow(2.6, height)
        throat = 0.88 + 0.28 * height + Double(random.uniform(in: -0.06...0.06))
        speed = Double(random.uniform(in: 0.8...1.25))
        breath = Double(random.uniform(in: 0.01...0.06))
    }

    /// One sound of speech: where it resonates in hertz, how much of it buzzes and hisses, how long it lasts in seconds.
    struct Phone {
        let resonances: (Double, Double, Double)
        let buzz: Double
        let hiss: Double
        /// Where a hiss is loudest, in hertz.
        let bright: Double
        let seconds: Double

        init(
            _ first: Double, _ second: Double, _ third: Double, buzz: Double = 1, hiss: Double = 0,
            bright: Double = 3000, seconds: Double = 0.11
        ) {
            resonances = (first, second, third)
            (self.buzz, self.hiss, self.bright, self.seconds) = (buzz, hiss, bright, seconds)
        }
    }

    /// The sounds of the ten words, from zero; resonances of vowels after Peterson and Barney 1952.
    static let words: [[Phone]] = {
        let ee = Phone(280, 2250, 2900)
        let ih = Phone(390, 1990, 2550)
        let eh = Phone(530, 1840, 2480)
        let ah = Phone(700, 1150, 2450, seconds: 0.13)
        let uh = Phone(620, 1190, 2390)
        let aw = Phone(570, 840, 2410, seconds: 0.13)
        let oo = Phone(310, 870, 2250)
        let n = Phone(250, 1250, 2300, buzz: 0.4, seconds: 0.09)
        let r = Phone(320, 1060, 1400, buzz: 0.7, seconds: 0.08)
        let w = Phone(290, 610, 2150, buzz: 0.6, seconds: 0.08)
        let v = Phone(300, 1100, 2300, buzz: 0.35, hiss: 0.1, bright: 2400, seconds: 0.07)
        let z = Phone(300, 1700, 2500, buzz: 0.3, hiss: 0.35, bright: 3500, seconds: 0.1)
        let s = Phone(320, 1700, 2500, buzz: 0, hiss: 0.6, bright: 3600, seconds: 0.12)
        let f = Phone(320, 1100, 2300, buzz: 0, hiss: 0.22, bright: 2300, seconds: 0.1)
        let th = Phone(320, 1400, 2500, buzz: 0, hiss: 0.16, bright: 2800, seconds: 0.09)
        let stop = Phone(300, 1700, 2500, buzz: 0, seconds: 0.05)
        let t = Phone(320, 1800, 2700, buzz: 0, hiss: 0.7, bright: 3200, seconds: 0.03)
        let k = Phone(320, 1900, 2300, buzz: 0, hiss: 0.6, bright: 1800, seconds: 0.035)
        return [
            [z, ih, r, aw, oo], [w, uh, n], [t, oo, oo], [th, r, ee], [f, aw, r], [f, ah, ih, v], [s, ih, stop, k, s],
            [s, eh, v, uh, n], [eh, ee, stop, t], [n, ah, ih, n],
        ]
    }()

    /// The word for `digit` as this voice says it this time, loudest at ±`loudness`, with a room around it.
    func say(_ digit: Int, loudness: Double, _ random: inout RandomSource) -> [Float] {
        let phones = Voice.words[digit]
        let pace = speed * Double(random.uniform(in: 0.9...1.1))
        let ends = phones.reduce(into: [0.0]) { $0.append(($0.last ?? 0) + $1.seconds / pace) }
        let count = Int((ends.last ?? 0) * Voice.rate)
        var throatFilters = [Resonator](repeating: Resonator(), count: 3)
        var mouth = Resonator()
        var phase = 0.0
        var samples: [Float] = []
        samples.reserveCapacity(count)
        for index in 0..<count {
            let time = Double(index) / Voice.rate
            let now = state(at: time, phones, ends)
            let tone = pitch * (1.1 - 0.25 * time / max(ends.last ?? 1, 0.1))
            phase += tone / Voice.rate
            if phase >= 1 { phase -= 1 }
            // A falling ramp with a sharp edge, as the closing glottis gives.
            let glottis = (phase < 0.6 ? phase / 0.6 : (1 - phase) / 0.4) - 0.5
            var voiced = now.buzz * glottis + breath * Double(random.normal())
            for (place, frequency) in [now.resonances.0, now.resonances.1, now.resonances.2].enumerated() {
                voiced = throatFilters[place](voiced, at: frequency * throat, width: 70 + 40 * Double(place))
            }
            let hissed = mouth(now.hiss * Double(random.normal()), at: min(now.bright * throat, 3800), width: 700)
            let edge = min(1, min(time, Double(count - index) / Voice.rate) / 0.015)
            samples.append(Float((voiced + 0.5 * hissed) * edge))
        }
        let most = max(samples.map(abs).max() ?? 1, 1e-6)
        let room = Float(loudness) * 0.01
        return samples.map { $0 / most * Float(loudness) + room * random.normal() }
    }

    /// What the mouth does at a time: the sound of that time, gliding into its neighbours over 25 ms on each side.
    private func state(at time: Double, _ phones: [Phone], _ ends: [Double]) -> Phone {
        let index = max((ends.firstIndex { $0 > time } ?? phones.count) - 1, 0)
        let phone = phones[index]
        let glide = 0.025
        if index > 0, time - ends[index] < glide {
            return phones[index - 1].blended(phone, 0.5 + (time - ends[index]) / (2 * glide))
        }
        if index + 1 < phones.count, ends[index + 1] - time < glide {
            return phone.blended(phones[index + 1], 0.5 - (ends[index + 1] - time) / (2 * glide))
        }
        return phone
    }
}

extension Voice.Phone {
    /// This sound with the share `t` of another.
    fileprivate func blended(_ other: Self, _ t: Double) -> Self {
        func mix(_ a: Double, _ b: Double) -> Double { a + (b - a) * t }
        return Self(
            mix(resonances.0, other.resonances.0), mix(resonances.1, other.resonances.1),
            mix(resonances.2, other.resonances.2), buzz: mix(buzz, other.buzz), hiss: mix(hiss, other.hiss),
            bright: mix(bright, other.bright), seconds: seconds)
    }
}

/// A filter of two poles that rings at one frequency.
private struct Resonator {
    private var last = (0.0, 0.0)

    mutating func callAsFunction(_ x: Double, at frequency: Double, width: Double) -> Double {
        let decay = exp(-.pi * width / Voice.rate)
        let (b, c) = (2 * decay * cos(2 * .pi * frequency / Voice.rate), -decay * decay)
        let y = (1 - b - c) * x + b * last.0 + c * last.1
        last = (y, last.0)
        return y
    }
}

extension [Float] {
    /// These samples as a WAV file of 16-bit numbers, one channel.
    func wave(rate: Int) -> Data {
        var file = Data("RIFF".utf8)
        func append(_ value: some FixedWidthInteger) {
            Swift.withUnsafeBytes(of: value.littleEndian) { file.append(contentsOf: $0) }
        }
        append(UInt32(36 + count * 2))
        file.append(Data("WAVEfmt ".utf8))
        append(UInt32(16))
        append(UInt16(1))
        append(UInt16(1))
        append(UInt32(rate))
        append(UInt32(rate * 2))
        append(UInt16(2))
        append(UInt16(16))
        file.append(Data("data".utf8))
        append(UInt32(count * 2))
        for sample in self { append(Int16(Swift.min(Swift.max(sample * 32767, -32768), 32767))) }
        return file
    }
}
