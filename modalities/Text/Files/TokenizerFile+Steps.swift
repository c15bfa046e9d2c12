import Foundation

extension TokenizerFile {
    /// A section that is one step or a `Sequence` of steps under `list`.
    private func steps(_ section: JSONValue, _ list: StaticString) throws(TokenizerError) -> [(String, JSONValue)] {
        guard let type = section["type"]?.string else { throw invalid("a step has no type") }
        guard type == "Sequence" else { return [(type, section)] }
        guard let parts = section[list]?.elements else { throw invalid("a Sequence has no \(list)") }
        var steps: [(String, JSONValue)] = []
        for part in parts { steps += try self.steps(part, list) }
        return steps
    }

    private func pattern(_ section: JSONValue) throws(TokenizerError) -> TextPattern {
        if let literal = section["pattern"]?["String"]?.utf8, !literal.isEmpty {
            return .literal(Scalars(utf8: literal))
        }
        guard let regex = section["pattern"]?["Regex"]?.string else { throw invalid("a pattern is missing") }
        guard let pattern = TextPattern(regex: regex) else {
            throw unsupported(
                "the pattern \(regex.debugDescription)", known: ["GPT-2's", "CLIP's", "single character classes"])
        }
        return pattern
    }

    func normalizers(_ section: JSONValue) throws(TokenizerError) -> [Normalizer] {
        var result: [Normalizer] = []
        for (type, step) in try steps(section, "normalizers") {
            switch type {
            case "NFC", "NFD", "NFKC", "NFKD": result += NormalizationForm(rawValue: type).map { [.unicode($0)] } ?? []
            case "Lowercase": result.append(.lowercase(finalSigma: false))
            case "StripAccents": result.append(.stripAccents)
            case "Strip":
                let left = step["strip_left"]?.bool ?? true
                let right = step["strip_right"]?.bool ?? true
                result.append(.strip(left: left, right: right, python: false))
            case "Replace":
                let content = step["content"]?.utf8.map { Scalars(utf8: $0) } ?? []
                result.append(.replace(try pattern(step), with: content))
            case "Prepend": result.append(.prepend(step["prepend"]?.utf8.map { Scalars(utf8: $0) } ?? []))
            case "BertNormalizer":
                let lowercase = step["lowercase"]?.bool ?? true
                result.append(
                    .bert(
                        clean: step["clean_text"]?.bool ?? true,
                        ideographs: step["handle_chinese_chars"]?.bool ?? true,
                        stripAccents: step["strip_accents"]?.bool ?? lowercase, lowercase: lowercase))
            case "Precompiled":
                // An empty table changes nothing.
                guard let coded = step["precompiled_charsmap"]?.string, !coded.isEmpty else { continue }
                guard let blob = Data(base64Encoded: coded), let map = CharacterMap(blob) else {
                    throw invalid("precompiled_charsmap is damaged")
                }
                result.append(.precompiled(map))
            default:
                throw unsupported(
                    "the normalizer \(type)",
                    known: [
                        "NFC", "NFD", "NFKC", "NFKD", "Lowercase", "StripAccents", "Strip", "Replace", "Prepend",
                        "BertNormalizer", "Precompiled",
                    ])
            }
        }
        return result
    }

    func preTokenizers(_ section: JSONValue) throws(TokenizerError) -> [PreTokenizer] {
        var result: [PreTokenizer] = []
        for (type, step) in try steps(section, "pretokenizers") {
            switch type {
            case "BertPreTokenizer": result.append(.bert)
            case "ByteLevel":
                let prefixSpace = step["add_prefix_space"]?.bool ?? true
                result.append(.byteLevel(prefixSpace: prefixSpace, words: step["use_regex"]?.bool ?? true))
            case "WhitespaceSplit": result.append(.whitespaceSplit)
            case "Metaspace":
                // Older files say add_prefix_space instead of prepend_scheme.
                let older = step["add_prefix_space"]?.bool ?? true ? "always" : "never"
                let scheme = step["prepend_scheme"]?.string ?? older
                guard let prepend = PreTokenizer.Prepending(rawValue: scheme) else {
                    throw invalid("the prepend_scheme \(scheme.debugDescription) of Metaspace")
                }
                let mark = step["replacement"]?.string?.unicodeScalars.first ?? "\u{2581}"
                result.append(.metaspace(mark: mark, prepend: prepend, split: step["split"]?.bool ?? true))
            case "Split":
                let behavior = try behavior(step)
                result.append(.split(try pattern(step), behavior, invert: step["invert"]?.bool ?? false))
            case "Punctuation": result.append(.punctuation(try behavior(step)))
            case "Digits": result.append(.digits(each: step["individual_digits"]?.bool ?? false))
            default:
                throw unsupported(
                    "the pre-tokenizer \(type)",
                    known: [
                        "BertPreTokenizer", "ByteLevel", "WhitespaceSplit", "Metaspace", "Split", "Punctuation",
                        "Digits",
                    ])
            }
        }
        return result
    }

    private func behavior(_ step: JSONValue) throws(TokenizerError) -> PreTokenizer.Behavior {
        let name = step["behavior"]?.string ?? "Isolated"
        guard let behavior = PreTokenizer.Behavior(rawValue: name) else {
            throw invalid("the behavior \(name.debugDescription) of Split")
        }
        return behavior
    }

    /// The special tokens around a text; a `ByteLevel` step only moves offsets and is skipped.
    func frame(_ section: JSONValue) throws(TokenizerError) -> TokenFrame {
        var frame = TokenFrame()
        for (type, step) in try steps(section, "processors") {
            switch type {
            case "ByteLevel": continue
            case "TemplateProcessing": frame = try template(step)
            case "BertProcessing", "RobertaProcessing":
                guard let begin = step["cls"]?.elements?.last?.int, let end = step["sep"]?.elements?.last?.int else {
                    throw invalid("cls or sep of \(type) is missing")
                }
                frame = .around(begin: [begin], end: [end])
                if type == "RobertaProcessing" {  // pairs are <s> a </s></s> b </s>, all of type 0
                    frame.pair = [
                        .special([begin], type: 0), .first(type: 0), .special([end, end], type: 0), .second(type: 0),
                        .special([end], type: 0),
                    ]
                }
            default:
                throw unsupported(
                    "the post-processor \(type)",
                    known: ["TemplateProcessing", "BertProcessing", "RobertaProcessing", "ByteLevel"])
            }
        }
        return frame
    }

    private func template(_ step: JSONValue) throws(TokenizerError) -> TokenFrame {
        var special: [[UInt8]: [Int]] = [:]
        try step["special_tokens"]?.eachMember { (name, entry) throws(TokenizerError) in
            var ids: [Int] = []
            for value in entry["ids"]?.elements ?? [] {
                guard let id = value.int, id >= 0 else { throw invalid("an id in special_tokens") }
                ids.append(id)
            }
            special[Array(name)] = ids
        }
        func parts(_ list: JSONValue?) throws(TokenizerError) -> [TokenFrame.Part] {
            guard let elements = list?.elements else { throw invalid("a template is not a list") }
            var parts: [TokenFrame.Part] = []
            for element in elements {
                if let token = element["SpecialToken"], let name = token["id"]?.utf8, let ids = special[Array(name)] {
                    parts.append(.special(ids, type: token["type_id"]?.int ?? 0))
                } else if let sequence = element["Sequence"] {
                    let type = sequence["type_id"]?.int ?? 0
                    parts.append(sequence["id"]?.string == "B" ? .second(type: type) : .first(type: type))
                } else {
                    throw invalid("a part of a template is neither a text nor a known special token")
                }
            }
            return parts
        }
        return TokenFrame(single: try parts(step["single"]), pair: try parts(step["pair"]))
    }
}
