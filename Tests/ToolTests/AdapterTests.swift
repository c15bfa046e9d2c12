import Bindery
import Foundation
import TestSupport
import Testing

/// Adapters through the tool: only they learn, and the model is plain afterwards.
@Suite struct AdapterTests {
    private let settings = [
        "--set", "space.towers.text.adapters={rank: 2, alpha: 4, paths: [\"*.query\", \"*.wide\"]}", "--set",
        "unfreeze=[text.projection, text.adapters]", "--set", "training.epochs=3",
    ]

    @Test func areAddedToTheWeights() throws {
        guard let world = try World() else { return }
        let outcome = try world.tool(world.training("merged") + settings)
        #expect(outcome.status == 0, "\(outcome.errors)")
        let kept = ["--set", "space.towers.text.adapters.kept=true"]
        #expect(try world.tool(world.training("kept") + settings + kept).status == 0)
        let (merged, beside) = (try Model(at: world.folder.file("merged")), try Model(at: world.folder.file("kept")))
        let before = try Model(at: world.folder.file("bert")).space.parameters
        #expect(merged.space.parameters.under("text.adapters").isEmpty)
        #expect(beside.space.parameters.under("text.adapters").count == 4)
        for parameter in before.all {
            let after = try #require(merged.space.parameters[parameter.name]).value.values
            let isAdapted = [".query.weight", ".wide.weight"].contains { parameter.name.hasSuffix($0) }
            #expect((after == parameter.value.values) != isAdapted, "\(parameter.name)")
            #expect(beside.space.parameters[parameter.name]?.value.values == parameter.value.values)
        }
        let texts = ["a low tone", "a high tone"].map { Item.text($0) }
        expectClose(
            try merged.space.embed(texts, as: "text"), try beside.space.embed(texts, as: "text"), relative: 1e-4,
            absolute: 1e-5)
        // A tower starts from one that has adapters beside it.
        let again = try world.tool(
            world.training(
                "again", "--set", "space.towers.text.weights=\(world.path("kept"))", "--set", "training.epochs=1"))
        #expect(again.status == 0, "\(again.errors)")
    }

    @Test func mustMatchALayer() throws {
        guard let world = try World() else { return }
        let outcome = try world.tool(
            world.training("run", "--set", "space.towers.text.adapters={paths: [blocks.7]}"))
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("blocks.7"))
    }
}
