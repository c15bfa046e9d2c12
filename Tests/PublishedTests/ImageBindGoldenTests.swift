import BinderyAudio
import BinderyBinding
import BinderyDepth
import BinderyIMU
import BinderyImage
import BinderyLayers
import BinderyModalities
import BinderyPictures
import BinderyPublished
import BinderyTensors
import BinderyText
import BinderyThermal
import Foundation
import TestSupport
import Testing

/// A tiny ImageBind that lies in this repository (Tests/Goldens/imagebind.py), sense by sense.
@Suite struct ImageBindGoldenTests {
    let space: JointSpace
    let expected: Checkpoint

    init() throws {
        let folder = Fixture.golden("imagebind")
        let model = try Model(at: folder.appending(path: "imagebind_tiny.pth"), modalities: Modalities.all)
        #expect(model.family == "ImageBind" && model.twins == ["video": "image"])
        space = model.space
        expected = try Checkpoint(contentsOf: folder.appending(path: "expected.safetensors"))
    }

    /// Numbers from 0 to 250 that repeat in no direction.
    private func pattern(_ shape: [Int]) -> Tensor {
        var numbers: [Float] = []
        for index in 0..<shape.reduce(1, *) {
            var (rest, sum) = (index, 0)
            for (axis, extent) in shape.reversed().enumerated() {
                sum += rest % extent * (7 + 6 * axis)
                rest /= extent
            }
            numbers.append(Float(sum % 251))
        }
        return Tensor(numbers, shape)
    }

    private func check<E: Encoder>(_ tower: String, as name: String? = nil, _ run: (E) throws -> Tensor) throws {
        let found = try space.tower(tower)
        let own = try run(try #require(found.encoder as? E))
        let recorded = try expected.tensor(name ?? tower).l2Normalized()
        expectClose(found.projection(own).l2Normalized(), recorded, relative: 2e-5, tower)
    }

    @Test func allSensesAgree() throws {
        let mean = Tensor(Picture.clipMean.map(Float.init), [3])
        let deviation = Tensor(Picture.clipDeviation.map(Float.init), [3])
        try check("image", as: "vision") { (encoder: ImageBindImage) in
            encoder((pattern([2, 224, 224, 3]) / 255 - mean) / deviation, .inference)
        }
        try check("audio") { (encoder: ImageBindAudio) in
            encoder(pattern([2, 1, 32, 36]).reshaped([2, 32, 36]) / 50 - 2.5, .inference)
        }
        try check("depth") { (encoder: ImageBindDepth) in
            encoder(pattern([2, 1, 224, 224]).reshaped([2, 224, 224]) / 255 * 4 - 2, .inference)
        }
        try check("thermal") { (encoder: ImageBindThermal) in
            encoder(pattern([2, 1, 224, 224]).reshaped([2, 224, 224]) / 255, .inference)
        }
        try check("imu") { (encoder: ImageBindIMU) in encoder(pattern([2, 6, 2000]) / 100 - 1.25, .inference) }
        try check("text") { (encoder: TextTransformer) in
            encoder([[14, 3, 7, 15], [14, 9, 1, 2, 5, 15]], .inference)
        }
    }

    /// The reference scales the vectors: two senses meet at the product of what both are scaled by.
    @Test func everyTwoSensesHaveTheirScale() throws {
        let text = Float(exp(2.5))
        for (a, b, scale) in [
            ("image", "text", text), ("video", "text", text), ("image", "audio", 20), ("audio", "text", 20 * text),
            ("depth", "text", 5 * text), ("thermal", "imu", 50), ("audio", "depth", 100), ("video", "imu", 5),
        ] {
            let found = try space.temperature(a, b)
            #expect(abs(found.scale.item - scale) < 1e-3 * scale, "\(a) and \(b): \(found.scale.item)")
            #expect(found.isLearned == (a == "image" && b == "text"))
        }
        let (a, b) = (try expected.tensor("audio"), try expected.tensor("text"))
        expectClose(
            try space.logits(a.l2Normalized(), b.l2Normalized(), as: ("audio", "text")), a.matmul(transposed: b),
            relative: 1e-4)
    }
}
