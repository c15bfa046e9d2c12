/// One step that rewrites a text before it is cut into pieces; a tokenizer holds them in order.
enum Normalizer: Sendable {
    case unicode(NormalizationForm)
    case lowercase(finalSigma: Bool)
    case strip(left: Bool, right: Bool, python: Bool)
    case stripAccents
    case replace(TextPattern, with: Scalars)
    case prepend(Scalars)
    case bert(clean: Bool, ideographs: Bool, stripAccents: Bool, lowercase: Bool)
    /// Runs of white space become one space, by Python's idea of white space.
    case collapseSpaces
    case deleteASCIIPunctuation
    /// A sentencepiece table, applied as the tokenizers library does: by grapheme cluster.
    case precompiled(CharacterMap)
    /// Everything that sentencepiece itself does before it cuts.
    case sentencePiece(SentencePieceNormalizer)
    /// Mojibake, quotes, widths, ligatures and control characters repaired.
    case repair
    /// Character references resolved.
    case unescapeHTML

    func callAsFunction(_ text: Scalars) -> Scalars {
        switch self {
        case .unicode(let form): return text.normalized(form)
        case .lowercase(let finalSigma): return text.lowercased(finalSigma: finalSigma)
        case .strip(let left, let right, let python):
            return text.stripped(left: left, right: right) { python ? $0.isPythonSpace : $0.isSpace }
        case .stripAccents:
            return text.filter { $0.value < 0x300 || $0.properties.generalCategory != .nonspacingMark }
        case .replace(let pattern, let replacement): return replace(pattern, with: replacement, in: text)
        case .prepend(let prefix): return text.isEmpty ? text : prefix + text
        case .bert(let clean, let ideographs, let stripAccents, let lowercase):
            var text = text
            if clean { text = cleaned(text) }
            if ideographs { text = spacingIdeographs(text) }
            if stripAccents { text = text.normalized(.nfd).filter { !$0.isBERTAccent } }
            return lowercase ? text.lowercased() : text
        case .deleteASCIIPunctuation: return text.filter { !$0.isASCIIPunctuation }
        case .collapseSpaces: return text.collapsingSpaces { $0.isPythonSpace }
        case .precompiled(let map): return map.applyByGrapheme(text)
        case .sentencePiece(let normalizer): return normalizer(text)
        case .repair: return TextRepair.repair(text)
        case .unescapeHTML: return HTMLReferences.html5.unescape(text)
        }
    }

    private func cleaned(_ text: Scalars) -> Scalars {
        var result: Scalars = []
        result.reserveCapacity(text.count)
        for scalar in text where !scalar.isBERTControl { result.append(scalar.isSpace ? " " : scalar) }
        return result
    }

    private func spacingIdeographs(_ text: Scalars) -> Scalars {
        guard text.contains(where: { $0.value >= 0x3400 && $0.isBERTIdeograph }) else { return text }
        return text.flatMap { $0.isBERTIdeograph ? [" ", $0, " "] : [$0] }
    }

    private func replace(_ pattern: TextPattern, with replacement: Scalars, in text: Scalars) -> Scalars {
        let matches = pattern.matches(in: text[...])
        guard !matches.isEmpty else { return text }
        var result: Scalars = []
        result.reserveCapacity(text.count)
        var at = 0
        for match in matches {
            result.append(contentsOf: text[at..<match.lowerBound])
            result.append(contentsOf: replacement)
            at = match.upperBound
        }
        result.append(contentsOf: text[at...])
        return result
    }
}
