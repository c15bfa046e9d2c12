import BinderyBinding
import Testing

@testable import BinderyAudio

@Suite struct EvenClipsTests {
    private let clips = EvenClips(rate: 16000, length: 32000, count: 3)

    @Test(
        arguments: [
            (1000, [0, 0, 0]), (32000, [0, 0, 0]), (48000, [0, 8000, 16000]), (112_000, [0, 40000, 80000]),
            (48001, [0, 8000, 16000]),
        ])
    func theyReachFromStartToEnd(samples: Int, starts: [Int]) { #expect(clips.starts(samples) == starts) }

    @Test func aQuotientRoundedDownStartsEarlier() {
        // Of some lengths the double is below the quotient, as of 48001 samples.
        for samples in 32001..<33000 {
            let seconds = Double(samples) / 16000
            let isBelow = (-Double(samples)).addingProduct(seconds, 16000) < 0
            #expect(clips.starts(samples)[2] == samples - 32000 - (isBelow ? 1 : 0))
        }
    }

    @Test func laterClipsSeeWhatEarlierOnesLeft() {
        let even = EvenClips(rate: 1, length: 4, count: 2)
        let made = even.clips(of: [1, 1, 1, 5, 5, 5], origin: 0) { $0 }
        #expect(made[0].clip == [-1, -1, -1, 3])
        // The overlap of the second clip, its samples 0 and 1, lost 2 already.
        #expect(made[1].clip == [-4, 0, 2, 2].map { $0 })
        #expect(made[1].range == 2..<6)
    }
}
