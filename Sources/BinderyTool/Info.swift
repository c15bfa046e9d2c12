import ArgumentParser
import Bindery

struct Info: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Says what a model is: towers, encoders, sizes, pairs, fingerprint.",
        discussion: "Example: bindery info runs/esc10 --json")

    @OptionGroup var model: ModelOptions
    @Flag(help: "One JSON object.")
    var json = false
    @OptionGroup var global: GlobalOptions

    func run() throws {
        global.apply()
        let opened = try model.open()
        let facts = try Facts(opened)
        Output.line(json ? try Output.json(facts, pretty: true) : facts.text)
    }

    private struct Facts: Encodable {
        struct Tower: Encodable {
            let encoder: String
            let projection: String
            let parameters: Int
            let frozen: Bool
            let sameAs: String?
            let config: Config
        }

        struct Pair: Encodable {
            let towers: [String]
            let scale: Float
            let scaleBack: Float?
            let bias: Float?
        }

        let family: String
        let width: Int
        let parameters: Int
        let towers: [String: Tower]
        let pairs: [Pair]
        let fingerprint: String
        let notes: [String]

        init(_ model: Model) throws {
            let space = model.space
            family = model.family
            width = space.plan.width
            // What two towers share counts once.
            parameters = space.parameters.all.filter { parameter in
                !model.twins.keys.contains { parameter.name.hasPrefix("\($0).") }
            }.reduce(0) { $0 + $1.count }
            towers = Dictionary(
                uniqueKeysWithValues: space.plan.towers.map { name, tower in
                    let own = space.parameters.under(name)
                    return (
                        name,
                        Tower(
                            encoder: tower.encoder, projection: tower.projection.rawValue,
                            parameters: own.reduce(0) { $0 + $1.count }, frozen: model.frozen.contains(name),
                            sameAs: model.twins[name], config: tower.config)
                    )
                })
            pairs = try space.plan.pairs.map { pair in
                let temperature = try space.temperature(pair.a, pair.b)
                return Pair(
                    towers: [pair.a, pair.b], scale: temperature.scale.item,
                    scaleBack: temperature.logScaleBack.map { _ in temperature.scaleBack.item },
                    bias: temperature.bias?.value.item)
            }
            fingerprint = try model.fingerprint().description
            notes = model.notes
        }

        var text: String {
            var lines = ["\(family) model, \(width) wide, \(parameters) parameters"]
            for (name, tower) in towers.sorted(by: { $0.key < $1.key }) {
                lines.append(
                    "  \(name): \(tower.encoder), projection \(tower.projection), \(tower.parameters) parameters"
                        + (tower.frozen ? ", frozen in training" : "")
                        + (tower.sameAs.map { ", the same network as \($0)" } ?? ""))
                for (key, value) in (tower.config.asMap ?? [:]).sorted(by: { $0.key < $1.key }) {
                    lines.append("    \(key): \(value.text)")
                }
            }
            for pair in pairs {
                lines.append(
                    "  \(pair.towers.joined(separator: "–")): scale \(pair.scale)"
                        + (pair.scaleBack.map { ", \($0) the other way" } ?? "")
                        + (pair.bias.map { ", bias \($0)" } ?? ""))
            }
            lines.append("  fingerprint \(fingerprint)")
            return (lines + notes.map { "  \($0)" }).joined(separator: "\n")
        }
    }
}

extension Config {
    /// The value as a person would write it.
    fileprivate var text: String {
        switch self {
        case .list(let list): list.map(\.text).joined(separator: " ")
        case .map(let map): map.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.text)" }.joined(separator: ", ")
        case .text(let text): text
        default: summary
        }
    }
}
