public import Foundation

/// A measured value as the JSON of results holds it.
public enum Metric: Hashable, Sendable {
    case number(Double)
    case interval(Interval)
    case list([Double])
    case table([String: Metric])

    /// The number this is, if it is one.
    public var number: Double? { if case .number(let number) = self { number } else { nil } }

    /// The interval this is, if it is one.
    public var interval: Interval? { if case .interval(let interval) = self { interval } else { nil } }

    /// The entries of the table this is, if it is one.
    public var table: [String: Metric]? { if case .table(let table) = self { table } else { nil } }
}

extension Metric: Encodable {
    /// A number, two numbers, numbers, or an object; what is not finite becomes null.
    public func encode(to encoder: any Encoder) throws {
        var value = encoder.singleValueContainer()
        switch self {
        case .number(let number): number.isFinite ? try value.encode(number) : try value.encodeNil()
        case .interval(let interval): try value.encode([Metric.number(interval.low), .number(interval.high)])
        case .list(let list): try value.encode(list.map(Metric.number))
        case .table(let table): try value.encode(table)
        }
    }
}

/// Measured values by name.
public typealias Metrics = [String: Metric]

extension Metrics {
    /// Adds the mean of one value per item as `name`, with its interval as `name_ci95`.
    mutating func add(_ name: String, meanOf values: [Double], _ bootstrap: Bootstrap) {
        self[name] = .number(values.mean)
        self["\(name)_ci95"] = .interval(bootstrap.interval(ofMean: values))
    }
}

/// What an evaluation found, as `bindery evaluate --json` writes it.
public struct EvaluationResult: Encodable, Sendable {
    /// `zero-shot`, `retrieval`, `linear-probe`, `few-shot`, `knn`.
    public let task: String
    /// Where the model lies.
    public let model: String
    /// Where the items are listed.
    public let manifest: String
    /// How many items were judged.
    public let items: Int
    /// What was measured, fractions from 0 to 1 unless the name says otherwise.
    public let metrics: Metrics
    /// How long it took.
    public let seconds: Double
    /// How many of the items were also trained on; nil where that is not known.
    public var itemsTrainedOn: Int?

    private enum CodingKeys: String, CodingKey {
        case task, model, manifest, items, metrics, seconds
        case itemsTrainedOn = "items_trained_on"
    }

    /// What an evaluation found.
    public init(task: String, model: String, manifest: String, items: Int, metrics: Metrics, seconds: Double) {
        self.task = task
        self.model = model
        self.manifest = manifest
        self.items = items
        self.metrics = metrics
        self.seconds = seconds
    }

    /// The object with sorted keys.
    public func json() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(self) + Data("\n".utf8)
    }
}
