import Foundation
import TestSupport
import Testing

@testable import BinderyLayers

@Suite struct ConfigTests {
    @Test func readsAndWritesJSON() throws {
        let text = #"{"a":1,"b":1.5,"c":[true,null,"x"],"d":{"e":{}}}"#
        let config = try JSONDecoder().decode(Config.self, from: Data(text.utf8))
        #expect(config["a"]?.asInteger == 1)
        #expect(config["b"]?.asNumber == 1.5)
        #expect(config[path: "d.e"]?.asMap?.isEmpty == true)
        let again = try JSONDecoder().decode(Config.self, from: JSONEncoder().encode(config))
        #expect(again == config)
    }

    @Test func valuesOutOfRangeAreRefusedByName() {
        let config: Config = ["hidden_size": 4_000_000_000, "rate": "fast", "odd": 1.5]
        #expect(throws: ConfigError.wrong("hidden_size", "a whole number from 1 to 65536", 4_000_000_000)) {
            try config.integer("hidden_size", in: 1...65536)
        }
        #expect(throws: ConfigError.self) { try config.number("rate") }
        #expect(throws: ConfigError.self) { try config.integer("odd", in: 0...9) }
        #expect(throws: ConfigError.missing("layers")) { try config.integer("layers", in: 0...9) }
    }

    @Test func unknownKeysNameTheNearest() {
        let config: Config = ["widhts": [1]]
        #expect(throws: ConfigError.unknown("widhts", nearest: "widths")) {
            try config.allow(only: ["widths", "bins"])
        }
    }

    @Test func bombsAreRefused() throws {
        let folder = try TemporaryFolder()
        let deep = folder.file("deep.json")
        try Data(String(repeating: "[", count: 1 << 20).utf8).write(to: deep)
        #expect(throws: ConfigError.notJSON(deep.path)) { try Config(json: deep) }
        let large = folder.file("large.json")
        try Data(count: 2000).write(to: large)
        #expect(throws: ConfigError.tooLarge(large.path, 2000, 1000)) { try Config(json: large, limit: 1000) }
        #expect(throws: ConfigError.self) { try Config(json: folder.file("absent.json")) }
    }
}
