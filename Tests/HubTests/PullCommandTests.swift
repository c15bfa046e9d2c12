import Foundation
import TestSupport
import Testing

@testable import BinderyHub

/// `bindery pull` as a person runs it, against a hub that behaves and one that does not.
@Suite struct PullCommandTests {
    private static let tool = Tool()
    private let folder: TemporaryFolder
    private let server: HubServer
    private static let files = ["config.json", "model.safetensors"]

    init() throws {
        folder = try TemporaryFolder()
        let model = Fixture.golden("towers/clip_vision")
        server = try HubServer(
            Dictionary(
                uniqueKeysWithValues: Self.files.map { name in
                    (name, try Data(contentsOf: model.appending(path: name)))
                }))
    }

    private func bindery(_ arguments: String..., token: String = "") throws -> Tool.Outcome {
        let tool = try #require(Self.tool)
        return try tool(
            arguments, in: folder.url, environment: ["HF_ENDPOINT": server.address, "HF_TOKEN": token])
    }

    /// Status 1, and one sentence with each of `words`.
    private func expectRefusal(_ outcome: Tool.Outcome, _ words: String...) {
        #expect(outcome.status == 1, "\(outcome.errors)")
        let sentences = outcome.errors.split(separator: "\n").filter { $0.hasPrefix("bindery: ") }
        #expect(sentences.count == 1, "\(outcome.errors)")
        for word in words { #expect(outcome.errors.contains(word), "\(outcome.errors)") }
        #expect(!FileManager.default.fileExists(atPath: folder.file("models/model/.pulled.json").path))
    }

    @Test(.enabled(if: tool != nil)) func pulledModelsWorkByNameAndOffline() throws {
        let outcome = try bindery("pull", server.id)
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.output.hasPrefix("models/model: 2 files"))
        server.stop()
        let again = try bindery("pull", server.id)
        #expect(again.status == 0 && again.errors.contains("cannot be reached"), "\(again.errors)")
        let info = try bindery("info", server.id)
        #expect(info.status == 0 && info.output.contains("CLIP model"), "\(info.errors)")
    }

    @Test(.enabled(if: tool != nil)) func refusalsAreOneSentence() throws {
        defer { server.stop() }
        server.demand("secret")
        expectRefusal(try bindery("pull", server.id), "HF_TOKEN")
        expectRefusal(try bindery("pull", "people/nothing", token: "secret"), "people/nothing")
        server.lie("model.safetensors", hash: String(repeating: "0", count: 64))
        expectRefusal(try bindery("pull", server.id, token: "secret"), "model.safetensors", "hash")
        #expect(!FileManager.default.fileExists(atPath: folder.file("models/model/model.safetensors").path))
        #expect(try bindery("pull", "no name", token: "secret").status != 0)
    }

    @Test(.enabled(if: tool != nil)) func brokenConnectionsAndErrorsAreTriedAgain() throws {
        defer { server.stop() }
        server.misbehave("/cdn/model.safetensors", .cut(after: 5000), .status(500))
        let outcome = try bindery("pull", server.id)
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(server.ranges.contains("model.safetensors bytes=5000-"))
        let expected = try Data(contentsOf: Fixture.golden("towers/clip_vision/model.safetensors"))
        #expect(try Data(contentsOf: folder.file("models/model/model.safetensors")) == expected)
    }
}
