import BinderyTensors

/// A range that holds what was estimated in 95 of 100 cases.
public struct Interval: Hashable, Sendable {
    /// The lower end.
    public let low: Double
    /// The upper end.
    public let high: Double

    /// A range from `low` to `high`.
    public init(_ low: Double, _ high: Double) {
        self.low = low
        self.high = high
    }
}

/// 95 % percentile intervals by drawing the items again with replacement (Efron 1979).
///
/// Equal seeds give equal intervals, on any number of threads.
public struct Bootstrap: Sendable {
    /// How often the items are drawn.
    public let resamples: Int
    /// What the draws depend on.
    public let seed: UInt64

    /// Draws `resamples` times; traps unless at least once.
    public init(resamples: Int = 2000, seed: UInt64 = 0) {
        precondition(resamples > 0, "Bootstrap: \(resamples) resamples, expected at least 1")
        self.resamples = resamples
        self.seed = seed
    }

    /// The interval of the mean of one value per item; traps when there are none.
    public func interval(ofMean values: [Double]) -> Interval {
        interval(items: values.count) { counts in
            values.withUnsafeBufferPointer { values in
                var sum = 0.0
                for index in values.indices { sum += Double(counts[index]) * values[index] }
                return sum / Double(values.count)
            }
        }
    }

    /// The interval of the mean of `a` − `b`, two values for each of the same items; traps unless they are as many.
    ///
    /// Both are drawn together, so that what is hard for both does not widen the interval.
    public func interval(ofDifference a: [Double], _ b: [Double]) -> Interval {
        precondition(a.count == b.count, "Bootstrap: \(a.count) and \(b.count) values, expected as many")
        return interval(ofMean: zip(a, b).map { $0 - $1 })
    }

    /// The interval of the mean of `a` − the mean of `b`, values of different items; traps when one has none.
    public func interval(ofIndependent a: [Double], _ b: [Double]) -> Interval {
        func means(_ values: [Double], _ seed: UInt64) -> [Double] {
            Bootstrap(resamples: resamples, seed: seed).statistics(items: values.count) { counts in
                counts.indices.reduce(0) { $0 + Double(counts[$1]) * values[$1] } / Double(values.count)
            }
        }
        let differences = zip(means(a, seed), means(b, seed &+ 1)).map { $0 - $1 }.sorted()
        return Interval(differences.quantile(0.025), differences.quantile(0.975))
    }

    /// The interval of any statistic, which gets how often each item was drawn; traps when there are no items.
    public func interval(
        items: Int, _ statistic: @Sendable (UnsafeBufferPointer<Int32>) -> Double
    ) -> Interval {
        let statistics = statistics(items: items, statistic).sorted()
        return Interval(statistics.quantile(0.025), statistics.quantile(0.975))
    }

    private func statistics(
        items: Int, _ statistic: @Sendable (UnsafeBufferPointer<Int32>) -> Double
    ) -> [Double] {
        precondition(items > 0, "Bootstrap: no items")
        let source = RandomSource(seed: seed).split("bootstrap")
        return [Double](unsafeUninitializedCapacity: resamples) { statistics, count in
            nonisolated(unsafe) let statistics = statistics
            Threads.forEach(resamples, grain: 16) { part in
                withUnsafeTemporaryAllocation(of: Int32.self, capacity: items) { counts in
                    for resample in part {
                        var random = source.split(UInt64(resample))
                        counts.initialize(repeating: 0)
                        for _ in 0..<items { counts[random.integer(below: items)] += 1 }
                        statistics.initializeElement(at: resample, to: statistic(UnsafeBufferPointer(counts)))
                    }
                }
            }
            count = resamples
        }
    }
}

extension [Double] {
    /// The value below which a share of the sorted values lies, interpolated between the two nearest.
    func quantile(_ share: Double) -> Double {
        let place = share * Double(count - 1)
        let low = Int(place)
        let high = Swift.min(low + 1, count - 1)
        return self[low] + (self[high] - self[low]) * (place - Double(low))
    }

    /// The arithmetic mean, 0 when there are none.
    var mean: Double { isEmpty ? 0 : reduce(0, +) / Double(count) }

    /// The middle value, the mean of the two middle ones when they are even in number, 0 when there are none.
    var median: Double { isEmpty ? 0 : sorted().quantile(0.5) }
}

extension [[Double]] {
    /// The mean of each column of rows that are equally long, of which there is at least one.
    var columnMeans: [Double] { self[0].indices.map { column in map { $0[column] }.mean } }
}
