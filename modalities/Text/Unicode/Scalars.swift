import Foundation

/// A text as code points: what normalisers rewrite and pre-tokenisers cut.
///
/// Swift's `String` compares by canonical equivalence and counts grapheme clusters; a tokenizer must do neither.
typealias Scalars = [Unicode.Scalar]

/// One of the four Unicode normalisation forms.
enum NormalizationForm: String, Sendable {
    case nfc = "NFC"
    case nfd = "NFD"
    case nfkc = "NFKC"
    case nfkd = "NFKD"
}

extension [Unicode.Scalar] {
    init(utf8 bytes: some Collection<UInt8>) { self = Array(String(decoding: bytes, as: UTF8.self).unicodeScalars) }

    var string: String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: self)
        return String(view)
    }

    var utf8: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count + count / 2)
        for scalar in self { bytes.append(utf8Of: scalar) }
        return bytes
    }

    var isASCII: Bool { allSatisfy { $0.value < 0x80 } }

    /// The text in normalisation form `form`.
    func normalized(_ form: NormalizationForm) -> Scalars {
        if isASCII { return self }
        let text = string
        let result =
            switch form {
            case .nfc: text.precomposedStringWithCanonicalMapping
            case .nfd: text.decomposedStringWithCanonicalMapping
            case .nfkc: text.precomposedStringWithCompatibilityMapping
            case .nfkd: text.decomposedStringWithCompatibilityMapping
            }
        return Array(result.unicodeScalars)
    }

    /// Each code point in lower case by itself; with `finalSigma`, a sigma that ends a word becomes ς, as in Python.
    func lowercased(finalSigma: Bool = false) -> Scalars {
        var result: Scalars = []
        result.reserveCapacity(count)
        for (index, scalar) in enumerated() {
            if scalar.value < 0x80 {
                let isUpper = scalar.value &- 0x41 < 26
                result.append(isUpper ? Unicode.Scalar(UInt8(scalar.value | 0x20)) : scalar)
            } else if finalSigma, scalar == "\u{3A3}", endsWord(at: index) {
                result.append("\u{3C2}")
            } else {
                result.append(contentsOf: scalar.properties.lowercaseMapping.unicodeScalars)
            }
        }
        return result
    }

    /// Unicode's Final_Sigma: a cased letter before and none after, looking past characters that case ignores.
    private func endsWord(at index: Int) -> Bool {
        func isCased(_ others: some Sequence<Unicode.Scalar>) -> Bool {
            others.first { !$0.properties.isCaseIgnorable }.map(\.properties.isCased) ?? false
        }
        return isCased(self[..<index].reversed()) && !isCased(self[(index + 1)...])
    }

    /// The text without the leading and trailing code points of a class.
    func stripped(left: Bool = true, right: Bool = true, of isSpace: (Unicode.Scalar) -> Bool) -> Scalars {
        var range = indices
        while left, let first = range.first, isSpace(self[first]) { range = first + 1..<range.endIndex }
        while right, let last = range.last, isSpace(self[last]) { range = range.startIndex..<last }
        return range.count == count ? self : Array(self[range])
    }

    /// Every run of a class replaced by one space.
    func collapsingSpaces(_ isSpace: (Unicode.Scalar) -> Bool) -> Scalars {
        var result: Scalars = []
        result.reserveCapacity(count)
        var inside = false
        for scalar in self {
            let space = isSpace(scalar)
            if !space { result.append(scalar) } else if !inside { result.append(" ") }
            inside = space
        }
        return result
    }
}

extension [UInt8] {
    /// Appends the UTF-8 of one code point.
    mutating func append(utf8Of scalar: Unicode.Scalar) {
        let value = scalar.value
        switch value {
        case ..<0x80: append(UInt8(value))
        case ..<0x800:
            append(UInt8(0xC0 | value >> 6))
            append(UInt8(0x80 | value & 0x3F))
        case ..<0x10000:
            append(UInt8(0xE0 | value >> 12))
            append(UInt8(0x80 | value >> 6 & 0x3F))
            append(UInt8(0x80 | value & 0x3F))
        default:
            append(UInt8(0xF0 | value >> 18))
            append(UInt8(0x80 | value >> 12 & 0x3F))
            append(UInt8(0x80 | value >> 6 & 0x3F))
            append(UInt8(0x80 | value & 0x3F))
        }
    }
}
