import BinderyTensors
import TestSupport
import Testing

@testable import BinderyLayers

@Suite struct ParametersTests {
    private func declared() -> Parameters {
        let parameters = Parameters()
        _ = Linear(parameters.scope["audio"]["blocks"][11], from: 3, to: 2)
        _ = Linear(parameters.scope["audio"]["head"], from: 2, to: 2)
        _ = Linear(parameters.scope["text"], from: 2, to: 2)
        return parameters
    }

    @Test func namesFlowDown() {
        #expect(
            declared().all.map(\.name) == [
                "audio.blocks.11.weight", "audio.blocks.11.bias", "audio.head.weight", "audio.head.bias",
                "text.weight", "text.bias",
            ])
    }

    @Test func askingTwiceTiesWeights() {
        let parameters = Parameters()
        let first = parameters.scope["table"]("weight", 4, 2, start: .zeros)
        let second = parameters.scope["table"]("weight", 4, 2, start: .zeros)
        #expect(first === second)
        #expect(parameters.all.count == 1)
    }

    @Test func startingValuesDependOnSeedAndNameAlone() {
        let first = declared()
        let second = Parameters()
        _ = Linear(second.scope["text"], from: 2, to: 2)
        first.fill(seed: 3)
        second.fill(seed: 3)
        #expect(first["text.weight"]?.value.values == second["text.weight"]?.value.values)
        let third = declared()
        third.fill(seed: 4)
        #expect(first["text.weight"]?.value.values != third["text.weight"]?.value.values)
    }

    @Test func startsWithinTheBound() throws {
        let parameters = Parameters()
        let linear = Linear(parameters.scope, from: 400, to: 50)
        parameters.fill(seed: 1)
        let values = linear.weight.value.values
        #expect(values.allSatisfy { abs($0) <= 0.05 })
        #expect(values.contains { abs($0) > 0.04 })
        #expect(abs(values.reduce(0, +) / Float(values.count)) < 0.001)
    }

    @Test func longestPathWinsWhateverTheOrder() throws {
        let parameters = declared()
        for parameter in parameters.all { parameter.isFrozen = false }
        try parameters.freeze(["audio.blocks.11.bias", "audio"], except: ["audio.blocks.11"])
        #expect(parameters.trainable.map(\.name) == ["audio.blocks.11.weight", "text.weight", "text.bias"])
    }

    @Test func aPathThatMatchesNothingIsNamed() {
        let parameters = declared()
        #expect(throws: FreezeError(paths: ["audio.haed"], nearest: "audio.head")) {
            try parameters.freeze(["audio.haed"])
        }
        #expect(throws: FreezeError.self) { try parameters.freeze(["audi"]) }
    }

    @Test func frozenParametersRecordNothing() throws {
        let parameters = declared()
        parameters.fill(seed: 0)
        let weight = try #require(parameters["text.weight"])
        #expect(!weight().isTracked)
        weight.isFrozen = false
        #expect(weight().isTracked)
        parameters.whileFrozen { #expect(!weight().isTracked) }
        #expect(weight().isTracked)
    }

    @Test func derivedFormsLiveAsLongAsTheValue() throws {
        let parameters = declared()
        parameters.fill(seed: 0)
        let weight = try #require(parameters["text.weight"])
        var made = 0
        let count = {
            weight.derived("count") {
                made += $0.count; return made
            }
        }
        #expect(count() == 4)
        #expect(count() == 4)
        weight.value = .zeros([2, 2])
        #expect(count() == 8)
        weight.update { $0[0] = 1 }
        #expect(count() == 12)
        #expect(weight.value.values == [1, 0, 0, 0])
    }

    @Test func updatesNeverReachWhatOthersHold() throws {
        let parameters = declared()
        parameters.fill(seed: 0)
        let weight = try #require(parameters["text.weight"])
        let before = weight.value
        let values = before.values
        weight.update { $0[0] += 1 }
        #expect(before.values == values)
        #expect(weight.value.values != values)
    }

    @Test func gradientsBelongToParameters() throws {
        let parameters = declared()
        parameters.fill(seed: 0)
        let weight = try #require(parameters["text.weight"])
        weight.isFrozen = false
        let gradients = ((weight() + weight()) * Tensor([1, 2, 3, 4], [2, 2])).sum().backward()
        #expect(gradients[weight]?.values == [2, 4, 6, 8])
    }
}
