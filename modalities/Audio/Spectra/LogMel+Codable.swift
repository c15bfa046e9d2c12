extension LogMel: Codable {
    private enum Key: String, CodingKey, CaseIterable {
        case rate, window, transform, hop, taper, edges, removesMean, removesOffset, preEmphasis, spectrum
        case bins, low, high, scale
        case isAreaNormalised = "areaNormalised"
        case level, floor, range, removesBinMeans
    }

    private struct AnyKey: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    /// Reads `rate`, `window`, `hop`, `bins`, `low` and `high`, and whatever differs from `init(rate:…)`.
    ///
    /// Throws `LogMelError` for unknown keys and impossible numbers, `DecodingError` for missing ones.
    public init(from decoder: any Decoder) throws {
        let known = Set(Key.allCases.map(\.rawValue))
        let given = try decoder.container(keyedBy: AnyKey.self).allKeys.map(\.stringValue)
        let unknown = given.filter { !known.contains($0) }
        guard unknown.isEmpty else {
            throw LogMelError(problems: unknown.sorted().map { "there is no setting '\($0)'" })
        }
        let values = try decoder.container(keyedBy: Key.self)
        func value<T: Decodable>(_ key: Key, else usual: T) throws -> T {
            try values.decodeIfPresent(T.self, forKey: key) ?? usual
        }
        self.init(
            rate: try values.decode(Double.self, forKey: .rate),
            window: try values.decode(Int.self, forKey: .window),
            hop: try values.decode(Int.self, forKey: .hop),
            bins: try values.decode(Int.self, forKey: .bins),
            low: try values.decode(Double.self, forKey: .low),
            high: try values.decode(Double.self, forKey: .high))
        transform = try value(.transform, else: transform)
        taper = try value(.taper, else: taper)
        edges = try value(.edges, else: edges)
        removesMean = try value(.removesMean, else: removesMean)
        removesOffset = try value(.removesOffset, else: removesOffset)
        preEmphasis = try value(.preEmphasis, else: preEmphasis)
        spectrum = try value(.spectrum, else: spectrum)
        scale = try value(.scale, else: scale)
        isAreaNormalised = try value(.isAreaNormalised, else: isAreaNormalised)
        level = try value(.level, else: level)
        floor = try value(.floor, else: floor)
        range = try values.decodeIfPresent(Float.self, forKey: .range)
        removesBinMeans = try value(.removesBinMeans, else: removesBinMeans)
        let problems = self.problems
        guard problems.isEmpty else { throw LogMelError(problems: problems) }
    }

    /// Writes every setting.
    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: Key.self)
        try values.encode(rate, forKey: .rate)
        try values.encode(window, forKey: .window)
        try values.encode(transform, forKey: .transform)
        try values.encode(hop, forKey: .hop)
        try values.encode(taper, forKey: .taper)
        try values.encode(edges, forKey: .edges)
        try values.encode(removesMean, forKey: .removesMean)
        try values.encode(removesOffset, forKey: .removesOffset)
        try values.encode(preEmphasis, forKey: .preEmphasis)
        try values.encode(spectrum, forKey: .spectrum)
        try values.encode(bins, forKey: .bins)
        try values.encode(low, forKey: .low)
        try values.encode(high, forKey: .high)
        try values.encode(scale, forKey: .scale)
        try values.encode(isAreaNormalised, forKey: .isAreaNormalised)
        try values.encode(level, forKey: .level)
        try values.encode(floor, forKey: .floor)
        try values.encodeIfPresent(range, forKey: .range)
        try values.encode(removesBinMeans, forKey: .removesBinMeans)
    }
}
