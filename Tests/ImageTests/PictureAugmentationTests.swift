import BinderyBinding
import BinderyLayers
import BinderyTensors
import Foundation
import TestSupport
import Testing

@testable import BinderyImage

@Suite struct PictureAugmentationTests {
    private let levels = PictureLevels(low: [-2, -1, 0], span: [4, 3, 1])

    private func changed(_ config: Config, _ clip: Tensor, seed: UInt64 = 1) throws -> Tensor {
        var random = RandomSource(seed: seed)
        return try PictureAugmentation(config, levels: levels)(clip, &random)
    }

    /// A picture as the network sees it, of values from 0 to 1.
    private func picture(_ height: Int, _ width: Int) -> Tensor {
        levels.normalised(Tensor.varied([height, width, 3], 0...1, seed: 9).values, [height, width, 3])
    }

    @Test func nothingAskedForChangesNothing() throws {
        let clip = picture(6, 5)
        expectClose(try changed([:], clip), clip, absolute: 1e-5)
        expectClose(try changed(["crop": ["area": [1, 1], "ratio": [1, 1]]], clip), clip, absolute: 1e-4)
        expectClose(try changed(["brightness": 0, "turn": 0], clip), clip, absolute: 1e-4)
    }

    @Test func flipsMirror() throws {
        let clip = picture(3, 4)
        let mirrored = Tensor.concatenated((0..<4).reversed().map { clip.slice(axis: 1, $0..<$0 + 1) }, axis: 1)
        expectClose(try changed(["flip": 1], clip), mirrored, absolute: 1e-4)
    }

    @Test func aQuarterTurnTurns() throws {
        let clip = picture(5, 5)
        var best = Float.infinity
        for seed in 0..<400 {
            let turned = try changed(["turn": 91], clip, seed: UInt64(seed))
            let exact = clip.permuted([1, 0, 2])
            let flipped = Tensor.concatenated((0..<5).reversed().map { exact.slice(axis: 0, $0..<$0 + 1) }, axis: 0)
            best = min(best, (turned - flipped).square().mean().item)
        }
        #expect(best < 0.02, "\(best)")
    }

    @Test func repeatsWithTheSameRandomNumbersAlone() throws {
        let clip = picture(8, 8)
        let all: Config = [
            "crop": ["area": [0.3, 1]], "flip": 0.5, "turn": 20, "stretch": [0.8, 1.2], "shear": 0.2, "move": 2,
            "brightness": 0.4, "contrast": 0.4, "saturation": 0.4, "hue": 0.1, "colours": 0.8, "grey": 0.2,
            "blur": ["probability": 0.5, "sigma": [0.1, 2]], "square": ["side": 3], "noise": 0.05,
        ]
        for seed in 0..<20 {
            let one = try changed(all, clip, seed: UInt64(seed))
            #expect(one.values == (try changed(all, clip, seed: UInt64(seed))).values)
            #expect(one.values != (try changed(all, clip, seed: UInt64(seed + 100))).values)
            #expect(one.shape == clip.shape && one.isFinite)
        }
    }

    @Test func coloursStayWithinBounds() throws {
        let clip = picture(8, 8)
        let colours: Config = ["brightness": 1, "contrast": 1, "saturation": 1, "hue": 0.5]
        for seed in 0..<20 {
            let pixels = levels.pixels(of: try changed(colours, clip, seed: UInt64(seed)))
            #expect(pixels.allSatisfy { (-1e-4...1.0001).contains($0) })
        }
        let grey = levels.pixels(of: try changed(["grey": 1], clip))
        for place in stride(from: 0, to: grey.count, by: 3) {
            #expect(abs(grey[place] - grey[place + 1]) < 1e-4 && abs(grey[place] - grey[place + 2]) < 1e-4)
        }
    }

    @Test func aSquareIsBlackAndABlurKeepsAnEvenPicture() throws {
        let even = levels.normalised([Float](repeating: 0.5, count: 8 * 8 * 3), [8, 8, 3])
        let pixels = levels.pixels(of: try changed(["square": ["probability": 1, "side": 3]], even))
        #expect(pixels.count { abs($0) < 1e-4 } == 27)
        expectClose(try changed(["blur": ["probability": 1]], even), even, absolute: 1e-4)
        let noisy = levels.pixels(of: try changed(["noise": 0.1], even))
        let spread = noisy.map { ($0 - 0.5) * ($0 - 0.5) }.reduce(0, +) / Float(noisy.count)
        #expect((0.005...0.02).contains(spread))
    }

    @Test(
        arguments: [
            ["flips": 1], ["flip": 2], ["turn": 181], ["crop": ["area": [1, 0.5]]], ["crop": ["size": 3]],
            ["square": [:]], ["blur": ["sigma": 2]], ["stretch": [0.5]], ["noise": -1],
        ] as [Config])
    func refusesImpossibleSettings(_ config: Config) {
        #expect(throws: ConfigError.self) { try PictureAugmentation(config, levels: levels) }
    }
}
