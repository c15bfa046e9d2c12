import BinderyBinding
import BinderyLayers
import BinderyTraining
import Testing

/// Recipes keep an encoder's configuration as it was written, so it shows what YAML becomes.
private func config(_ yaml: String) throws -> Config? {
    let recipe = try Recipe(
        yaml: """
            space:
              width: 1
              towers: {a: {encoder: x/y, config: \(yaml)}}
              pairs: [[a, a]]
            data: {train: t}
            """)
    return recipe.space.plan.towers["a"]?.config
}

@Suite struct ConfigYAMLTests {
    @Test(arguments: [
        ("1", Config.integer(1)), ("-07", .integer(-7)), ("1e-3", .number(1e-3)), ("1.50", .number(1.5)),
        (".inf", .number(.infinity)),
        ("true", .bool(true)), ("no", .text("no")), ("1:30", .text("1:30")), ("nan", .text("nan")),
        ("infinity", .text("infinity")),
        ("0x10", .text("0x10")), ("~", .null), ("'1'", .text("1")), ("\"true\"", .text("true")),
        ("\"a\\u0000b\"", .text("a\u{0}b")),
        ("[1, [2, x]]", .list([.integer(1), .list([.integer(2), .text("x")])])),
        ("{b: {c: 1}}", .map(["b": .map(["c": .integer(1)])])),
        ("99999999999999999999", .number(1e20)), ("1e999", .number(.infinity)), ("-", .text("-")),
        ("1.2.3", .text("1.2.3")),
    ])
    func readsValues(_ text: String, _ value: Config) throws {
        #expect(try config("{v: \(text)}") == .map(["v": value]))
    }

    @Test func readsAliases() throws {
        #expect(try config("{a: &x [1, 2], b: *x}") == .map(["a": .list([1, 2]), "b": .list([1, 2])]))
    }

    @Test func refusesBombs() {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
        for level in 1...9 {
            text +=
                "a\(level): &a\(level) [" + Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", ") + "]\n"
        }
        let error = #expect(throws: RecipeError.self) { try Recipe(yaml: text) }
        #expect(error?.description.contains("aliases") == true)
        let wide = "a: &a [" + Array(repeating: "x", count: 60_000).joined(separator: ",") + "]\nb: [*a, *a]\n"
        let large = #expect(throws: RecipeError.self) { try Recipe(yaml: wide) }
        #expect(large?.description.contains("values") == true)
    }

    @Test(arguments: ["[", "{a: ", "- ", "? "])
    func refusesDepth(_ opening: String) {
        #expect(throws: RecipeError.self) { try Recipe(yaml: String(repeating: opening, count: 100_000)) }
        #expect(throws: RecipeError.self) { try Recipe(yaml: String(repeating: opening, count: 60_000)) }
    }

    @Test(arguments: [
        ("a: 1\na: 2", "the key a is there twice"), ("a: [1", "line "), ("? [a, b]\n: 1", "is not a word"),
        ("*a", "alias"),
        ("a: 1\n--- \nb: 2", "document"),
        ("a: \u{1}", "character"), ("\tb: 1", "line 1"),
    ])
    func saysWhere(_ text: String, _ part: String) {
        let error = #expect(throws: RecipeError.self) { try Recipe(yaml: text) }
        #expect(error?.description.contains(part) == true, "\(error?.description ?? "")")
    }
}
