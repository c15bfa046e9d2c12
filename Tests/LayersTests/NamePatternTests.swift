import Testing

import BinderyLayers

@Suite struct NamePatternTests {
    @Test(
        arguments: [
            ("a.b", "a.b", [:]), ("layer.{n}.w", "layer.12.w", ["n": "12"]), ("*", "a.b.c", ["*": "a.b.c"]),
            ("*.w", "a.b.w", ["*": "a.b"]), ("ln_{n}.{kind}", "ln_1.bias", ["n": "1", "kind": "bias"]),
            ("{n}.{m}.{n}", "1.2.1", ["n": "1", "m": "2"]), ("*position_ids", "position_ids", ["*": ""]),
            ("{block}.{n}{rest}", "conv.12a", ["block": "conv", "n": "12", "rest": "a"]), ("é{n}", "é7", ["n": "7"]),
        ] as [(String, String, [String: String])])
    func finds(pattern: String, name: String, holes: [String: String]) {
        let pattern = NamePattern(pattern)
        #expect(pattern.match(name) == holes)
        #expect(pattern.filled(with: holes) == name)
    }

    @Test(arguments: [
        ("a.b", "a.bc"), ("a.b", "xa.b"), ("layer.{n}.w", "layer.x.w"), ("layer.{n}.w", "layer..w"), ("{kind}", "a.b"),
        ("{kind}", ""), ("{n}.{n}", "1.2"), ("*.w", "w"), ("", "a"),
    ]) func passesOver(pattern: String, name: String) {
        #expect(NamePattern(pattern).match(name) == nil)
    }

    @Test func endlessNamesAreNoNames() {
        #expect(NamePattern("*a*").match(String(repeating: "a", count: 5000)) == nil)
    }
}
