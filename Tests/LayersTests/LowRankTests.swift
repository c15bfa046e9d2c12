import BinderyTensors
import TestSupport
import Testing

@testable import BinderyLayers

@Suite struct LowRankTests {
    private let plan = LowRank.Plan(rank: 2, alpha: 6, paths: ["blocks.*.query", "head"])

    private func layer(_ parameters: Parameters, _ path: String...) -> Linear {
        let scope = path.reduce(parameters.scope["text"]) { $0[$1] }
        return Linear(scope, from: 5, to: 3)
    }

    @Test func liesBesideTheLayersThatPathsName() {
        let parameters = Parameters()
        parameters.adapt("text", plan)
        _ = layer(parameters, "blocks", "0", "query")
        _ = layer(parameters, "blocks", "0", "key")
        _ = layer(parameters, "head", "last")
        _ = Linear(parameters.scope["texts"]["head"], from: 5, to: 3)
        #expect(
            parameters.under("text.adapters").map(\.name) == [
                "text.adapters.blocks.0.query.down", "text.adapters.blocks.0.query.up",
                "text.adapters.head.last.down", "text.adapters.head.last.up",
            ])
        #expect(parameters["text.adapters.head.last.down"]?.shape == [2, 5])
        #expect(parameters["text.adapters.head.last.up"]?.shape == [3, 2])
    }

    @Test func addsAScaledProductToTheWeight() throws {
        let parameters = Parameters()
        parameters.adapt("text", plan)
        let layer = layer(parameters, "head")
        parameters.fill(seed: 3)
        let plain = Linear(Parameters().scope, from: 5, to: 3)
        plain.weight.value = layer.weight.value
        plain.bias?.value = try #require(layer.bias).value
        let x = Tensor.varied([4, 5])
        expectClose(layer(x), plain(x), relative: 1e-6)

        let down = try #require(parameters["text.adapters.head.down"])
        let up = try #require(parameters["text.adapters.head.up"])
        up.value = Tensor.varied([3, 2], seed: 4)
        #expect(plan.scale == 3)
        plain.weight.value =
            layer.weight.value + LowRank.correction(down: down.value, up: up.value, plan)
        expectClose(layer(x), plain(x), relative: 1e-5)
        expectClose(layer(x, then: .relu), plain(x, then: .relu), relative: 1e-5)

        try parameters.freeze(["text"], except: ["text.adapters"])
        let gradients = layer(x).square().sum().backward()
        #expect(gradients[layer.weight] == nil)
        #expect(gradients[down]?.isFinite == true && gradients[up]?.isFinite == true)
    }
}
