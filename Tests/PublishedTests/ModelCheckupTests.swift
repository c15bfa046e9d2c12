import BinderyBinding
import BinderyEvaluation
import BinderyLayers
import BinderyModalities
import BinderyTensors
import Testing

@Suite struct ModelCheckupTests {
    private func space() throws -> JointSpace {
        let audio = JointSpace.Plan.Tower(
            encoder: "audio/imagebind", config: ["width": 16, "layers": 1, "heads": 2], projection: .matrix)
        var heat = audio
        heat.encoder = "thermal/imagebind"
        let space = try JointSpace(
            JointSpace.Plan(
                width: 16, towers: ["audio": audio, "thermal": heat], pairs: [.init("audio", "thermal")]),
            modalities: Modalities.all)
        space.parameters.fill(seed: 1)
        return space
    }

    private func grades(_ space: JointSpace) -> [String: Finding.Grade] {
        Dictionary(ModelCheckup.findings(space, Modalities.all).map { ($0.subject, $0.grade) }) { _, last in last }
    }

    @Test func newModelsAreNotBad() throws {
        #expect(try !grades(space()).values.contains(.bad))
    }

    @Test func numbersThatAreNoneAreFound() throws {
        let space = try space()
        let name = "audio.projection.weight"
        let weight = try #require(space.parameters[name])
        weight.value = .full(weight.shape, .nan)
        let grades = grades(space)
        #expect(grades[name] == .bad)
        #expect(grades["audio"] == .bad)
    }

    @Test func collapseAndBoundsAreFound() throws {
        let space = try space()
        for parameter in space.parameters.under("thermal.final_norm") where parameter.name.hasSuffix("weight") {
            parameter.value = .zeros(parameter.shape)
        }
        for parameter in space.parameters.under("thermal.final_norm") where parameter.name.hasSuffix("bias") {
            parameter.value = .ones(parameter.shape)
        }
        try space.temperature("audio", "thermal").logScale.value = Tensor(4.6052)
        let grades = grades(space)
        #expect(grades["thermal"] == .bad)
        #expect(grades["audio–thermal"] == .doubtful)
    }
}
