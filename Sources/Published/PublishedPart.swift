public import BinderyBinding
public import BinderyLayers
public import Foundation

/// One tower of a model on disk, to start a tower of another space from.
public struct PublishedPart: Sendable {
    /// What it is.
    public let tower: JointSpace.Plan.Tower
    /// Its tokenizer and the like.
    public let assets: Assets
    /// What the model says of itself, for people.
    public let notes: [String]
    private let name: String
    private let found: Recognised

    /// The tower of the model at `url` that is called `name`, or its only one.
    ///
    /// Throws when the model is of no known family or has no such tower.
    public init(of url: URL, for name: String) throws {
        found = try Family.recognise(ModelFiles(url, tokenizer: nil))
        let towers = found.plan.towers
        guard let own = towers[name] != nil ? name : towers.count == 1 ? towers.keys.first : nil,
            let tower = towers[own]
        else { throw SpaceError.unknownTower(name, known: towers.keys.sorted()) }
        self.name = own
        self.tower = tower
        assets = found.assets[own] ?? Assets()
        notes = found.notes
    }

    /// Fills the encoder under `path` from the model's weights, and its projection and adapters where they are as in
    /// `wanted`.
    public func fill(_ parameters: Parameters, under path: String, as wanted: JointSpace.Plan.Tower?) throws {
        var map = found.keyMap
        map.ignoring.append("*")
        let projection = wanted?.projection ?? .none
        let parts = parameters.under(path).filter { parameter in
            (tower.projection == projection || !parameter.name.isUnder("\(path).projection"))
                && (tower.adapters == wanted?.adapters || !parameter.name.isUnder("\(path).\(LowRank.name)"))
        }
        try parameters.fill(parts, from: found.checkpoint, through: map, replacing: path, by: name)
    }
}
