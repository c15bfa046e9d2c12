/// The header of a safetensors file: `{"name": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}, …}`.
///
/// Parsed by hand, because the general decoders neither see a name that is there twice nor bound what they build from
/// a hostile header. Everything deeper than the format itself is refused, so nothing recurses.
struct SafetensorsHeader {
    struct Record {
        let name: String
        var type = ""
        var shape: [Int] = []
        var begin = 0
        var end = 0
    }

    var records: [Record] = []
    var metadata: [String: String] = [:]
    var duplicates: [String] = []

    init(_ text: UnsafeRawBufferPointer) throws(JSONScanner.Unexpected) {
        var scanner = JSONScanner(text)
        var seen: Set<String> = []
        try scanner.object { (scanner, name) throws(JSONScanner.Unexpected) in
            if !seen.insert(name).inserted { duplicates.append(name) }
            if name == "__metadata__" {
                try scanner.object { (scanner, key) throws(JSONScanner.Unexpected) in
                    metadata[key] = try scanner.string()
                }
            } else {
                records.append(try SafetensorsHeader.record(name, &scanner))
            }
        }
        try scanner.end()
    }

    private static func record(
        _ name: String, _ scanner: inout JSONScanner
    ) throws(JSONScanner.Unexpected) -> Record {
        var record = Record(name: name)
        var missing: Set = ["dtype", "shape", "data_offsets"]
        try scanner.object { (scanner, key) throws(JSONScanner.Unexpected) in
            guard missing.remove(key) != nil else {
                throw scanner.unexpected("\"dtype\", \"shape\" or \"data_offsets\" for '\(name)'")
            }
            switch key {
            case "dtype": record.type = try scanner.string()
            case "shape": record.shape = try scanner.numbers()
            default:
                let offsets = try scanner.numbers()
                guard offsets.count == 2 else { throw scanner.unexpected("pair of offsets for '\(name)'") }
                (record.begin, record.end) = (offsets[0], offsets[1])
            }
        }
        guard let first = missing.min() else { return record }
        throw scanner.unexpected("\"\(first)\" for '\(name)'")
    }
}
