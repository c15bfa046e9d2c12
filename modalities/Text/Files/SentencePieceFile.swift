/// Reads a `spiece.model`: sentencepiece's protocol buffer, of which a unigram model needs a dozen fields.
struct SentencePieceFile {
    private(set) var pieces: [(text: ArraySlice<UInt8>, score: Float, kind: Unigram.Kind)] = []
    private(set) var unknown = 0
    private(set) var fallsBackToBytes = false
    private(set) var normalizer = SentencePieceNormalizer()

    init(_ file: [UInt8], name: String) throws(TokenizerError) {
        guard file.count <= TokenizerFile.mostBytes else {
            throw .tooLarge(file: name, bytes: file.count, limit: TokenizerFile.mostBytes)
        }
        var message = ProtocolBuffer(file[...], name: name)
        while let field = try message.next() {
            switch field {
            case (1, .bytes(let piece)): pieces.append(try SentencePieceFile.piece(piece, name))
            case (2, .bytes(let trainer)): try read(trainer: trainer, name)
            case (3, .bytes(let rules)): try read(normalizer: rules, name)
            default: continue
            }
        }
        guard !pieces.isEmpty, pieces.count < Vocabulary.mostIDs else {
            throw .invalid(file: name, what: "it has \(pieces.count) pieces")
        }
        guard pieces.indices.contains(unknown) else {
            throw .invalid(file: name, what: "the unknown piece \(unknown) is not one of its \(pieces.count)")
        }
    }

    private static func piece(
        _ bytes: ArraySlice<UInt8>, _ name: String
    ) throws(TokenizerError) -> (text: ArraySlice<UInt8>, score: Float, kind: Unigram.Kind) {
        var message = ProtocolBuffer(bytes, name: name)
        var text: ArraySlice<UInt8> = []
        var score: Float = 0
        var kind = Unigram.Kind.normal
        while let field = try message.next() {
            switch field {
            case (1, .bytes(let bytes)): text = bytes
            case (2, .word(let bits)): score = Float(bitPattern: bits)
            case (3, .number(let number)): kind = Unigram.Kind(rawValue: Int(clamping: number)) ?? .unused
            default: continue
            }
        }
        guard score.isFinite else { throw .invalid(file: name, what: "the score of a piece is not a number") }
        guard String(validating: text, as: UTF8.self) != nil else {
            throw .invalid(file: name, what: "the text of a piece is not UTF-8")
        }
        return (text, score, kind)
    }

    private mutating func read(trainer: ArraySlice<UInt8>, _ name: String) throws(TokenizerError) {
        var message = ProtocolBuffer(trainer, name: name)
        while let field = try message.next() {
            switch field {
            case (3, .number(let type)) where type != 1:
                throw .unsupported(file: name, what: "model type \(type)", known: ["1 (unigram)"])
            case (24, .number(let suffix)) where suffix != 0:
                throw .unsupported(file: name, what: "white space as a suffix", known: [])
            case (35, .number(let flag)): fallsBackToBytes = flag != 0
            case (40, .number(let id)): unknown = Int(clamping: id)
            default: continue
            }
        }
    }

    private mutating func read(normalizer rules: ArraySlice<UInt8>, _ name: String) throws(TokenizerError) {
        var message = ProtocolBuffer(rules, name: name)
        while let field = try message.next() {
            switch field {
            case (2, .bytes(let blob)) where !blob.isEmpty:
                guard let map = CharacterMap(blob) else { throw .invalid(file: name, what: "its character map") }
                normalizer.map = map
            case (3, .number(let flag)): normalizer.addsSpace = flag != 0
            case (4, .number(let flag)): normalizer.removesExtraSpaces = flag != 0
            case (5, .number(0)):
                throw .unsupported(file: name, what: "spaces that are not escaped", known: [])
            default: continue
            }
        }
    }
}

/// The wire format of protocol buffers, field by field.
struct ProtocolBuffer {
    enum Value {
        case number(UInt64)
        case word(UInt32)
        case bytes(ArraySlice<UInt8>)
    }

    private var rest: ArraySlice<UInt8>
    private let name: String

    init(_ bytes: ArraySlice<UInt8>, name: String) {
        rest = bytes
        self.name = name
    }

    /// The next field: its number and its value; nil at the end.
    mutating func next() throws(TokenizerError) -> (Int, Value)? {
        guard !rest.isEmpty else { return nil }
        let key = try number()
        let field = Int(clamping: key >> 3)
        switch key & 7 {
        case 0: return (field, .number(try number()))
        case 1:
            _ = try take(8)
            return (field, .number(0))
        case 2: return (field, .bytes(try take(number())))
        case 5:
            let bytes = try take(4)
            return (field, .word(bytes.reversed().reduce(0) { $0 << 8 | UInt32($1) }))
        default: throw problem("wire type \(key & 7)")
        }
    }

    private func problem(_ what: String) -> TokenizerError {
        .malformed(file: name, what: what, offset: rest.startIndex)
    }

    private mutating func number() throws(TokenizerError) -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 70, by: 7) {
            guard let byte = rest.popFirst() else { throw problem("a number is cut off") }
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
        }
        throw problem("a number is too long")
    }

    private mutating func take(_ count: UInt64) throws(TokenizerError) -> ArraySlice<UInt8> {
        guard count <= UInt64(rest.count) else { throw problem("a field of \(count) bytes goes past the end") }
        let taken = rest.prefix(Int(count))
        rest.removeFirst(Int(count))
        return taken
    }
}
