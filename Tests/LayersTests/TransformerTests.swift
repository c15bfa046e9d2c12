import BinderyLayers
import BinderyTensors
import TestSupport
import Testing

@Suite struct TransformerTests {
    private struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let causal: Bool
        let masked: Bool
        let change: @Sendable (inout TransformerShape) -> Void
    }

    private static let cases = [
        Case(testDescription: "CLIP's text", causal: true, masked: false) { _ in },
        Case(testDescription: "BERT", causal: false, masked: true) { $0.order = .postNorm },
        Case(testDescription: "ViT", causal: false, masked: false) { _ in },
        Case(testDescription: "ImageBind", causal: false, masked: false) { $0.extraRow = true },
        Case(testDescription: "EVA-02-E", causal: false, masked: false) { $0.order = .addedNorm },
        Case(testDescription: "DINOv2", causal: false, masked: true) { $0.layerScale = 0.5 },
        Case(testDescription: "no blocks", causal: true, masked: false) { $0.layers = 0 },
    ]

    private func network(_ shape: TransformerShape) -> (Transformer, Parameters) {
        let parameters = Parameters()
        let transformer = Transformer(parameters.scope["blocks"], shape)
        parameters.fill(seed: 5)
        return (transformer, parameters)
    }

    /// What is spared is only what nobody reads: values, and gradients of inputs and weights.
    @Test(arguments: cases) private func oneRowOfEachSequenceIsTheSame(_ it: Case) throws {
        var shape = TransformerShape(width: 16, layers: 2, heads: 2, hidden: 24)
        it.change(&shape)
        let (transformer, parameters) = network(shape)
        var random = RandomSource(seed: 9)
        let x = random.uniform([3, 7, 16], in: -1...1)
        let mask = it.masked ? random.uniform([3, 1, 1, 7], in: -2...0) : nil
        for places in [[6, 6, 6], [0, 0, 0], [2, 6, 0]] {
            func run(_ x: Tensor, only: Bool) -> Tensor {
                if only { return transformer(x, only: places, mask: mask, causal: it.causal, .inference) }
                let all = transformer(x, mask: mask, causal: it.causal, .inference)
                return all.reshaped([21, 16]).gather(rows: places.enumerated().map { 7 * $0 + $1 })
            }
            expectClose(run(x, only: true), run(x, only: false), relative: 1e-5, "\(places)")

            for parameter in parameters.all { parameter.isFrozen = false }
            let g = random.uniform([3, 16], in: -1...1)
            let (found, expected) = (x.tracked(), x.tracked())
            let some = (run(found, only: true) * g).sum().backward()
            let all = (run(expected, only: false) * g).sum().backward()
            expectClose(try #require(some[found]), try #require(all[expected]), relative: 1e-5, "\(places)")
            for parameter in parameters.all {
                guard let expected = all[parameter] else { continue }
                let found = try #require(some[parameter], "\(parameter.name)")
                expectClose(found, expected, relative: 1e-5, absolute: 1e-6, "\(places) \(parameter.name)")
                parameter.isFrozen = true
            }
        }
    }

    @Test func watchedAttentionsAreWhole() {
        let (transformer, _) = network(TransformerShape(width: 16, layers: 2, heads: 2, hidden: 24))
        var random = RandomSource(seed: 9)
        let x = random.uniform([1, 7, 16], in: -1...1)
        let (result, seen) = AttentionWatch.watching { transformer(x, only: [3], .inference) }
        #expect(seen.weights.map(\.shape) == [[1, 2, 7, 7], [1, 2, 7, 7]])
        expectClose(result, transformer(x, only: [3], .inference), relative: 1e-5)
    }
}
