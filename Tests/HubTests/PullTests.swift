import Foundation
import TestSupport
import Testing

@testable import BinderyHub

@Suite struct PullTests {
    private let folder: TemporaryFolder
    private let server: HubServer
    private let weights = Data((0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 7 ^ $0 >> 8) })

    init() throws {
        folder = try TemporaryFolder()
        server = try HubServer([
            "model.safetensors": weights, "config.json": Data("{}".utf8), "tokenizer.json": Data("[]".utf8),
            "pytorch_model.bin": Data("older".utf8), "onnx/model.onnx": Data("other".utf8), "photo.jpg": Data("p".utf8),
            "README.md": Data(),
        ])
    }

    private func hub(_ token: String? = nil) throws -> Hub {
        try Hub(endpoint: server.address + "/", token: token, attempts: 3, patience: 0.01)
    }

    @discardableResult
    private func pull(_ token: String? = nil, including: [String] = []) throws -> Pulled {
        let outcome = try hub(token).pull(HubID(server.id), to: folder.url, including: including)
        guard case .complete(let pulled) = outcome else { throw HubError.nothingToPull("offline") }
        return pulled
    }

    private func names() throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: folder.url.path).sorted()
    }

    @Test func whatIsNeededComesWhole() throws {
        defer { server.stop() }
        let pulled = try pull()
        #expect(try names() == [".pulled.json", "README.md", "config.json", "model.safetensors", "tokenizer.json"])
        #expect(try Data(contentsOf: folder.file("model.safetensors")) == weights)
        #expect(pulled.commit == "abc")
        #expect(pulled.files["model.safetensors"]?.hash == sha256(weights))
        #expect(Pulled(folder.url)?.id == server.id)
        // Once more: nothing but the list is asked for.
        server.forgetRequests()
        try pull()
        #expect(server.requests.count == 1)
    }

    @Test func brokenConnectionsGoOnWhereTheyStopped() throws {
        defer { server.stop() }
        server.misbehave("/cdn/model.safetensors", .cut(after: 100_000), .cut(after: 50_000), .status(500))
        try pull()
        #expect(try Data(contentsOf: folder.file("model.safetensors")) == weights)
        let ranges = server.ranges.filter { $0.hasPrefix("model") }
        #expect(ranges.count == 4)
        #expect(ranges[0] == "model.safetensors " && ranges[1] == "model.safetensors bytes=100000-")
        #expect(ranges[2] == "model.safetensors bytes=150000-" && ranges[3] == ranges[2])
    }

    @Test func laterRunsGoOnToo() throws {
        defer { server.stop() }
        let cut = HubServer.Misdeed.cut(after: 0)
        server.misbehave("/cdn/model.safetensors", .cut(after: 123), cut, cut, cut)
        let error = #expect(throws: HubError.self) { try pull() }
        #expect(try #require(error).description.contains("run the command again"))
        #expect(HubFile.size(of: folder.file("model.safetensors.part")) == 123)
        #expect(Pulled(folder.url) == nil)
        server.forgetRequests()
        server.misbehave("/cdn/model.safetensors")
        try pull()
        #expect(server.ranges.contains("model.safetensors bytes=123-"))
        #expect(try Data(contentsOf: folder.file("model.safetensors")) == weights)
        #expect(try !names().contains { $0.hasSuffix(".part") })
    }

    @Test func partsOfOtherFilesAreThrownAway() throws {
        defer { server.stop() }
        try Data(repeating: 1, count: 200_000).write(to: folder.file("model.safetensors.part"))
        try pull()
        #expect(try Data(contentsOf: folder.file("model.safetensors")) == weights)
        #expect(server.ranges.filter { $0.hasPrefix("model") }.count == 2)
        // A part that is too long, and a server that knows no ranges.
        try Data(repeating: 1, count: 400_000).write(to: folder.file("tokenizer.json.part"))
        try FileManager.default.removeItem(at: folder.file("tokenizer.json"))
        try FileManager.default.removeItem(at: folder.file("model.safetensors"))
        try weights.prefix(1000).write(to: folder.file("model.safetensors.part"))
        server.misbehave("/cdn/model.safetensors", .ignoresRange)
        try pull()
        #expect(try Data(contentsOf: folder.file("model.safetensors")) == weights)
        #expect(try Data(contentsOf: folder.file("tokenizer.json")) == Data("[]".utf8))
    }

    @Test func wrongHashesAreRefused() throws {
        defer { server.stop() }
        server.lie("model.safetensors", hash: sha256(Data()))
        let error = #expect(throws: HubError.self) { try pull() }
        #expect(try #require(error).description.contains("hash"))
        #expect(try !names().contains { $0.hasPrefix("model.safetensors") || $0 == ".pulled.json" })
        #expect(server.ranges.filter { $0.hasPrefix("model") }.count == 2)
    }

    @Test func changedFilesComeAnew() throws {
        defer { server.stop() }
        try pull()
        server.set("config.json", Data("{ }".utf8))
        server.forgetRequests()
        try pull()
        #expect(try Data(contentsOf: folder.file("config.json")) == Data("{ }".utf8))
        #expect(server.ranges == ["config.json "])
    }

    @Test func hubsThatTellNoHashesAreBelieved() throws {
        defer { server.stop() }
        server.keepHashesSecret()
        #expect(try pull().files["model.safetensors"] == Pulled.File(size: weights.count, hash: nil))
    }

    @Test func tokensAreSentToTheHubAlone() throws {
        defer { server.stop() }
        server.demand("secret")
        let refused = #expect(throws: HubError.self) { try pull() }
        #expect(try #require(refused).description.contains("HF_TOKEN"))
        #expect(throws: HubError.self) { try pull("wrong") }
        try pull(" secret\n")
        #expect(try hub("a\r\nHost: b").token == nil)
    }

    @Test func absentModelsAreNamed() throws {
        defer { server.stop() }
        let error = #expect(throws: HubError.self) {
            try hub().pull(HubID("people/nothing"), to: folder.url)
        }
        #expect(try #require(error).description.contains("people/nothing"))
        #expect(throws: HubError.self) { try hub().pull(HubID(server.id), revision: "v2", to: folder.url) }
        server.misbehave("/api/", .status(500), .status(503), .status(500))
        let failing = #expect(throws: HubError.self) { try pull() }
        #expect(try #require(failing).description.contains("500"))
        try pull()
    }

    @Test(arguments: ["../evil.json", "/etc/evil.json", "a/../../evil.json", "a//b.json", "..", "c:evil.json"])
    func namesThatLeadOutAreRefused(name: String) throws {
        defer { server.stop() }
        server.list(name)
        let error = #expect(throws: HubError.self) { try pull() }
        #expect(try #require(error).description.contains("outside"))
        #expect(try names().isEmpty)
    }

    @Test func withoutAHubWhatIsThereIsUsed() throws {
        try pull()
        server.stop()
        let id = try HubID(server.id)
        let hub = try Hub(endpoint: "http://127.0.0.1:1", attempts: 1)
        guard case .offline(let pulled, _) = try hub.pull(id, to: folder.url) else {
            Issue.record("a closed port answered")
            return
        }
        #expect(pulled.id == server.id)
        #expect(throws: HubError.self) { try hub.pull(id, revision: "v2", to: folder.url) }
        try FileManager.default.removeItem(at: folder.file("config.json"))
        #expect(throws: HubError.self) { try hub.pull(id, to: folder.url) }
        #expect(throws: HubError.self) { try hub.pull(HubID("other/model"), to: folder.url) }
    }
}
