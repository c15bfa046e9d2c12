/// The character classes that tokenizers cut text by.
extension Unicode.Scalar {
    /// `\p{L}`.
    var isLetter: Bool {
        if value < 0x80 { return (value | 0x20) &- 0x61 < 26 }
        switch properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: return true
        default: return false
        }
    }

    /// `\p{N}`.
    var isNumber: Bool {
        if value < 0x80 { return value &- 0x30 < 10 }
        switch properties.generalCategory {
        case .decimalNumber, .letterNumber, .otherNumber: return true
        default: return false
        }
    }

    /// Unicode's White_Space, which is what `\s` means in the tokenizers library.
    var isSpace: Bool {
        if value < 0x80 { return value == 0x20 || value &- 0x09 < 5 }
        return properties.isWhitespace
    }

    /// What Python's `str.isspace` and its `\s` accept: White_Space and the four separators U+001C … U+001F.
    var isPythonSpace: Bool { isSpace || value &- 0x1C < 4 }

    /// Letters, digits, marks and the underscore: `\w`.
    var isWordCharacter: Bool {
        if value < 0x80 { return isLetter || isNumber || value == 0x5F }
        switch properties.generalCategory {
        case .nonspacingMark, .spacingMark, .enclosingMark, .decimalNumber, .connectorPunctuation: return true
        default: return properties.isAlphabetic || value == 0x200C || value == 0x200D
        }
    }

    /// `\p{P}`.
    var isPunctuation: Bool {
        switch properties.generalCategory {
        case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation,
            .finalPunctuation, .otherPunctuation:
            return true
        default: return false
        }
    }

    /// The ASCII characters that are neither letters, digits, spaces nor controls.
    var isASCIIPunctuation: Bool {
        switch value {
        case 0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E: true
        default: false
        }
    }
}

/// BERT's classes as the tokenizers library has them: its tables are those of Unicode 8, so that a character of a later
/// version counts neither as punctuation nor as an accent nor as a control. The few single code points below are where
/// those tables and today's differ for older characters. All 1.1 million code points were compared.
extension Unicode.Scalar {
    private var isInUnicode8: Bool {
        guard let age = properties.age else { return false }
        return age.major <= 8
    }

    /// Cut off as a token of its own.
    var isBERTPunctuation: Bool {
        if value < 0x80 { return isASCIIPunctuation }
        if value == 0x166D || value == 0x111C9 { return true }
        return isPunctuation && isInUnicode8
    }

    /// Dropped after decomposition when accents are stripped.
    var isBERTAccent: Bool {
        switch value {
        case ..<0x300: return false
        case 0x1734, 0x1171E: return true
        case 0x1885, 0x1886, 0xA9BD, 0x111C9: return false
        default: return properties.generalCategory == .nonspacingMark && isInUnicode8
        }
    }

    /// Dropped when text is cleaned: NUL, U+FFFD, control, format and private-use characters.
    var isBERTControl: Bool {
        if value < 0x80 { return (value < 0x20 && value != 0x09 && value != 0x0A && value != 0x0D) || value == 0x7F }
        if value == 0xFFFD { return true }
        switch properties.generalCategory {
        case .control, .privateUse: return true
        case .format: return isInUnicode8
        default: return false
        }
    }

    /// The ideograph blocks that BERT puts spaces around (not kana, not Hangul).
    var isBERTIdeograph: Bool {
        switch value {
        case 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xF900...0xFAFF, 0x20000...0x2A6DF, 0x2A700...0x2B81F,
            0x2B920...0x2CEAF, 0x2F800...0x2FA1F:
            true
        default: false
        }
    }
}
