import BinderyLayers
import BinderyTensors
import Foundation
import TestSupport
import Testing

@Suite struct KeyMapTests {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private func checkpoint(_ tensors: [(String, Tensor)]) throws -> Checkpoint {
        let url = scratch.url.appending(path: "\(UUID().uuidString).safetensors")
        try Checkpoint.write(tensors, to: url)
        return try Checkpoint(contentsOf: url)
    }

    private func numbers(_ shape: Int...) -> Tensor {
        Tensor((0..<shape.reduce(1, *)).map(Float.init), shape)
    }

    /// Fused, transposed and squeezed at once, as published text encoders have them; and back to the same file.
    private let map = KeyMap(
        KeyMap.Rule.split(
            ["text.{n}.query.{kind}", "text.{n}.key.{kind}", "text.{n}.value.{kind}"], from: "h.{n}.qkv_{kind}")
            + KeyMap.Rule.split(["text.{n}.gate", "text.{n}.up"], from: "h.{n}.mlp", .transposed) + [
                .init("class", "cls", .squeezed([0, 1])), .init("filter", "kernel", .permuted([2, 0, 1])),
                .init("text.{n}.out", "h.{n}.proj", .transposed), .init("scale", "logit_scale"),
            ], ignoring: ["*.position_ids", "h.{n}.mask"], prefixes: ["module."])

    private var published: [(String, Tensor)] {
        [
            ("module.h.0.qkv_weight", numbers(6, 2)), ("module.h.0.qkv_bias", numbers(6)),
            ("module.h.0.mlp", numbers(2, 8)), ("module.h.0.proj", numbers(2, 3)),
            ("module.cls", numbers(1, 1, 4)), ("module.kernel", numbers(2, 3, 4)), ("module.logit_scale", numbers()),
        ]
    }

    private let wanted: [(name: String, shape: [Int])] = [
        ("text.0.query.weight", [2, 2]), ("text.0.key.weight", [2, 2]), ("text.0.value.weight", [2, 2]),
        ("text.0.query.bias", [2]), ("text.0.key.bias", [2]), ("text.0.value.bias", [2]), ("text.0.gate", [4, 2]),
        ("text.0.up", [4, 2]), ("text.0.out", [3, 2]), ("class", [4]), ("filter", [4, 2, 3]), ("scale", []),
    ]

    @Test func readsForeignNamesAndShapes() throws {
        let extras = [("module.h.0.mask", numbers(3)), ("module.text.position_ids", numbers(2))]
        let sources = try map.resolve(wanted, in: checkpoint(published + extras))
        #expect(Set(sources.keys) == Set(wanted.map(\.name)))
        func values(_ name: String) throws -> [Float] { try #require(sources[name]).tensor().values }
        for (name, shape) in wanted { #expect(try sources[name]?.tensor().shape == shape) }
        #expect(try values("text.0.key.weight") == [4, 5, 6, 7])
        #expect(try values("text.0.value.bias") == [4, 5])
        #expect(try values("text.0.out") == [0, 3, 1, 4, 2, 5])
        #expect(try values("text.0.up") == [4, 12, 5, 13, 6, 14, 7, 15])
        #expect(try values("class") == [0, 1, 2, 3])
        // filter[c, a, b] = kernel[a, b, c]
        #expect(try values("filter").prefix(6) == [0, 4, 8, 12, 16, 20])
        #expect(sources["scale"]?.name == "module.logit_scale")
    }

    @Test func partsAndSqueezedAxesAreNotCopied() throws {
        let sources = try map.resolve(wanted, in: checkpoint(published))
        for name in ["text.0.key.weight", "class", "scale"] {
            #expect(try #require(sources[name]).tensor().storage.isBorrowed)
        }
    }

    @Test func exportIsTheWayBack() throws {
        let sources = try map.resolve(wanted, in: checkpoint(published))
        // Parts may come in any order.
        let ours = try wanted.reversed().map { ($0.name, try #require(sources[$0.name]).tensor()) }
        let back = Dictionary(uniqueKeysWithValues: try map.export(ours))
        #expect(back.count == published.count)
        for (name, tensor) in published {
            let found = try #require(back[String(name.dropFirst("module.".count))])
            #expect(found.shape == tensor.shape && found.values == tensor.values, "\(name)")
        }
    }

    @Test func exportRefusesWhatDoesNotFit() throws {
        let part = ("text.0.query.bias", numbers(2))
        #expect(throws: KeyMapError.unmapped(["depth.w", "x"])) {
            try map.export([part, ("depth.w", Tensor(1)), ("x", Tensor(1))])
        }
        #expect(throws: KeyMapError.inconsistent(["h.0.qkv_bias"])) {
            try map.export([part, ("text.0.key.bias", numbers(2))])
        }
        #expect(throws: KeyMapError.inconsistent(["h.0.qkv_bias"])) {
            try map.export([part, part, ("text.0.value.bias", numbers(2))])
        }
        #expect(throws: KeyMapError.inconsistent(["h.0.proj"])) { try map.export([("text.0.out", numbers(2))]) }
    }

    @Test func everyProblemIsNamedAtOnce() throws {
        var broken = published
        broken.removeLast()
        broken[0].1 = numbers(7, 2)
        broken[3].1 = numbers(2, 4)
        let error = #expect(throws: CheckpointError.self) {
            try map.resolve(wanted + [("unknown", [1])], in: checkpoint(broken + [("extra", numbers(1))]))
        }
        let fused = CheckpointError.Problem.misshaped(
            tensor: "module.h.0.qkv_weight", expected: [6, 2], found: [7, 2])
        #expect(
            error?.problems == [
                fused, fused, fused, .misshaped(tensor: "module.h.0.proj", expected: [2, 3], found: [2, 4]),
                .missing(tensor: "logit_scale"), .missing(tensor: "unknown"), .surplus(tensor: "extra"),
            ])
        #expect(error?.description.contains("\n") == false)
    }

    @Test func laterRulesReadOlderSpellings() throws {
        let map = KeyMap([.init("norm.weight", "norm.weight"), .init("norm.weight", "norm.gamma")])
        for name in ["norm.weight", "norm.gamma"] {
            let sources = try map.resolve([("norm.weight", [2])], in: checkpoint([(name, numbers(2))]))
            #expect(sources["norm.weight"]?.name == name)
        }
        #expect(try map.export([("norm.weight", numbers(2))]).map(\.0) == ["norm.weight"])
    }

    @Test func prefixesComeOffOnlyWhereTheyStand() throws {
        let map = KeyMap([.init("*", "*")], prefixes: ["module.", "model."])
        let file = try checkpoint([
            ("module.model.a", numbers(1)), ("b", numbers(1)), ("module.c", numbers(2)), ("c", numbers(1)),
        ])
        let sources = try map.resolve([("a", [1]), ("b", [1]), ("c", [1]), ("module.c", [2])], in: file)
        #expect(sources["a"]?.name == "module.model.a" && sources["c"]?.name == "c")
    }

    @Test func mapsNest() throws {
        let tower = KeyMap([.init("blocks.{n}.*", "layers.{n}.*")], ignoring: ["ids"])
        let map = tower.below("text.", "text_model.") + tower.below("image.", "vision_model.")
        let file = try checkpoint([
            ("text_model.layers.0.w", numbers(1)), ("vision_model.layers.3.w.x", numbers(2)),
            ("text_model.ids", numbers(1)),
        ])
        let sources = try map.resolve([("text.blocks.0.w", [1]), ("image.blocks.3.w.x", [2])], in: file)
        #expect(sources["image.blocks.3.w.x"]?.name == "vision_model.layers.3.w.x")
        #expect(map == tower.below("text.", "text_model.") + tower.below("image.", "vision_model."))
        #expect(map != tower)
    }

    @Test func identityKeepsEverything() throws {
        let file = try checkpoint([("a.b", numbers(2)), ("c", numbers(1))])
        let sources = try KeyMap.identity.resolve([("a.b", [2]), ("c", [1])], in: file)
        #expect(sources.count == 2)
        #expect(problems { try KeyMap.identity.resolve([("a.b", [2])], in: file) } == [.surplus(tensor: "c")])
    }

    private func problems(_ body: () throws -> [String: KeyMap.Source]) -> [CheckpointError.Problem] {
        do { return (try body()).isEmpty ? [] : [] } catch { return (error as? CheckpointError)?.problems ?? [] }
    }

    /// A published file with fused projections: every tensor is found, cut, and comes back the same.
    @Test(.enabled(if: Fixture("openclip") != nil)) func roundTripsAPublishedFile() throws {
        let published = try #require(Fixture("openclip")).tensors("vit/open_clip_model.safetensors")
        let parts = ["query", "key", "value"]
        let blocks = KeyMap(
            KeyMap.Rule.split(parts.map { "{n}.attention.\($0).{kind}" }, from: "{n}.attn.in_proj_{kind}") + [
                .init("{n}.attention.output.{kind}", "{n}.attn.out_proj.{kind}"),
                .init("{n}.norm{i}.{kind}", "{n}.ln_{i}.{kind}"),
                .init("{n}.wide.{kind}", "{n}.mlp.c_fc.{kind}"), .init("{n}.narrow.{kind}", "{n}.mlp.c_proj.{kind}"),
            ])
        let map =
            blocks.below("image.blocks.", "visual.transformer.resblocks.")
            + blocks.below("text.blocks.", "transformer.resblocks.")
            + KeyMap([
                .init("image.projection", "visual.proj", .transposed),
                .init("text.projection", "text_projection", .transposed),
                .init("image.other.*", "visual.*"), .init("text.other.*", "*"),
            ])
        var wanted: [(name: String, shape: [Int])] = []
        for (name, entry) in published.entries.sorted(by: { $0.key < $1.key }) {
            let tower = name.hasPrefix("visual.") ? "image" : "text"
            let path = name.split(separator: ".").map(String.init)
            let shape = entry.shape
            guard let index = path.firstIndex(of: "resblocks") else {
                if name.hasSuffix("proj") || name == "text_projection" {
                    wanted.append(("\(tower).projection", shape.reversed()))
                } else {
                    wanted.append(
                        ("\(tower).other.\(path.dropFirst(tower == "image" ? 1 : 0).joined(separator: "."))", shape))
                }
                continue
            }
            let start = "\(tower).blocks.\(path[index + 1])"
            let kind = path.last ?? ""
            switch path[index + 2] {
            case "attn" where kind.hasPrefix("in_proj_"):
                let third = [shape[0] / 3] + shape.dropFirst()
                wanted += parts.map { ("\(start).attention.\($0).\(kind.dropFirst(8))", third) }
            case "attn": wanted.append(("\(start).attention.output.\(kind)", shape))
            case "mlp": wanted.append(("\(start).\(path[index + 3] == "c_fc" ? "wide" : "narrow").\(kind)", shape))
            default: wanted.append(("\(start).norm\(path[index + 2].dropFirst(3)).\(kind)", shape))
            }
        }
        let sources = try map.resolve(wanted, in: published)
        let back = try map.export(try wanted.map { ($0.name, try #require(sources[$0.name]).tensor()) })
        #expect(back.count == published.names.count)
        for (name, tensor) in back {
            let original = try published.tensor(name)
            #expect(tensor.shape == original.shape && tensor.values == original.values, "\(name)")
        }
    }
}
