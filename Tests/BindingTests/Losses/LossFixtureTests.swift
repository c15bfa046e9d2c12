import BinderyLayers
import BinderyTensors
import Foundation
import TestSupport
import Testing

@testable import BinderyBinding

/// Values and gradients of every loss against formulas computed in double precision.
@Suite struct LossFixtureTests {
    static let fixture = Fixture("losses")

    /// One recorded case: its arguments by name, tracked, and what is expected.
    struct Case {
        let name: String
        let arguments: [String: Tensor]
        let labels: [Int]
        let expected: Checkpoint

        subscript(_ argument: String) -> Tensor { arguments[argument] ?? Tensor(0) }
        func unit(_ argument: String) -> Tensor { self[argument].l2Normalized() }
        func batch(_ scale: Tensor, bias: Tensor? = nil) -> PairBatch {
            PairBatch(a: unit("a"), b: unit("b"), scale: scale, bias: bias)
        }
        var scale: Tensor { Tensor(1) / self["tau"] }
    }

    static let losses: [String: @Sendable (Case) -> Tensor] = [
        "clip": { InfoNCE()($0.batch($0["logit_scale"].exp())) },
        "siglip": { SigLIP()($0.batch($0["logit_scale"].exp(), bias: $0["bias"])) },
        "ntxent": { NTXent()($0.batch($0.scale)) },
        "supcon": { SupCon.loss(of: $0.unit("x"), groups: $0.labels, scale: $0.scale) },
        "debiased": {
            Debiased(positiveShare: Double($0["taup"].item))($0.batch($0.scale))
        },
        "triplet": {
            Triplet.loss(anchor: $0["a"], positive: $0["p"], negative: $0["n"], margin: $0["margin"])
        },
        "tripletsq": {
            Triplet.loss(
                anchor: $0["a"], positive: $0["p"], negative: $0["n"], margin: $0["margin"], squared: true)
        },
        "pairwise": {
            PairwiseMargin.loss($0["a"], $0["b"], belonging: $0.labels.map { $0 == 1 }, margin: $0["margin"])
        },
        "queue": {
            QueuedInfoNCE.loss(queries: $0.unit("q"), keys: $0.unit("k"), queue: $0.unit("queue"), scale: $0.scale)
        },
    ]

    @Test(.enabled(if: fixture != nil), arguments: losses.keys.sorted())
    func agrees(_ loss: String) throws {
        let fixture = try #require(Self.fixture)
        let inputs = try Checkpoint(contentsOf: fixture.file("inputs.safetensors"))
        let expected = try Checkpoint(contentsOf: fixture.file("expected_f64.safetensors"))
        let function = try #require(Self.losses[loss])
        let cases = Set(inputs.names.map { $0.split(separator: "/")[0] }.filter { $0.hasPrefix("\(loss)_") }).sorted()
        #expect(cases.count >= 5)
        for name in cases {
            var arguments: [String: Tensor] = [:]
            var labels: [Int] = []
            for key in inputs.names where key.hasPrefix("\(name)/") {
                let argument = String(key.dropFirst(name.count + 1))
                if ["labels", "y"].contains(argument) {
                    labels = try inputs.integers(key)
                } else {
                    arguments[argument] = try inputs.tensor(key).tracked()
                }
            }
            let value = function(Case(name: String(name), arguments: arguments, labels: labels, expected: expected))
            let wide: Float = name.contains("large") ? 1e-3 : 1e-4
            expectClose(
                value, try expected.tensor("\(name)/loss"), relative: name.contains("large") ? 1e-3 : 1e-5,
                absolute: 1e-6, "\(name) loss")
            guard value.isTracked else { continue }
            let gradients = value.backward()
            for (argument, tensor) in arguments where argument != "taup" {
                guard expected["\(name)/grad_\(argument)"] != nil else { continue }
                let found = gradients[tensor] ?? .zeros(tensor.shape)
                expectClose(
                    // Where all rows are equal the true gradient is 0, a difference of numbers about 10 in size.
                    found, try expected.tensor("\(name)/grad_\(argument)"), relative: wide,
                    absolute: name.contains("identical") ? 2e-5 : 1e-6,
                    "\(name) gradient of \(argument)")
            }
        }
    }
}
