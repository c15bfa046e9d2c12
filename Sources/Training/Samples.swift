import BinderyBinding
import BinderyTensors

/// What a stage trains on: for every sample and tower, the items that may stand for it.
///
/// A caption column gives one text per sample; templates give one per template, of which each step draws one.
struct Samples: Sendable {
    /// The distinct items of each tower.
    let items: [String: [Item]]
    /// For each tower, the numbers of each sample's items.
    let choices: [String: [[Int]]]
    /// Rows of the manifest that belong together where a group column says so.
    let groups: [Int]?

    /// How many samples there are.
    let count: Int

    /// Samples from the candidates of every row, by tower.
    init(_ rows: [[String: [Item]]], groups names: [String]? = nil) {
        var items: [String: [Item]] = [:]
        var numbers: [String: [Item: Int]] = [:]
        var choices: [String: [[Int]]] = [:]
        for row in rows {
            for (tower, candidates) in row {
                let found = candidates.map { item in
                    if let known = numbers[tower]?[item] { return known }
                    let number = items[tower, default: []].count
                    items[tower, default: []].append(item)
                    numbers[tower, default: [:]][item] = number
                    return number
                }
                choices[tower, default: []].append(found)
            }
        }
        self.items = items
        self.choices = choices
        var known: [String: Int] = [:]
        groups = names?.map { name in
            let number = known[name] ?? known.count
            known[name] = number
            return number
        }
        count = rows.count
    }

    /// One item of each of the given samples, drawn where there are several.
    func draw(_ samples: [Int], for tower: String, _ random: inout RandomSource) -> [Int] {
        let candidates = choices[tower] ?? []
        return samples.map { sample in
            let own = candidates[sample]
            return own.count == 1 ? own[0] : own[random.integer(below: own.count)]
        }
    }
}
