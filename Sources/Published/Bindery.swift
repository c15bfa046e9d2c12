import BinderyBinding
import BinderyLayers
import Foundation

extension Family {
    /// What `bindery train` writes: `config.json` with the space, `model.safetensors` under our own names, assets.
    static let bindery = Family(name: "Bindery") { files in
        guard let config = try files.config(), let bindery = config["bindery"] else {
            return .unlike("no config.json with \"bindery\"")
        }
        let card = try ModelCard(bindery)
        let assets = Dictionary(
            uniqueKeysWithValues: card.assets.map { tower, names in
                (tower, Assets(folder: files.folder.appending(path: "assets/\(tower)"), names: names))
            })
        return .known(
            Recognised(
                family: "Bindery", plan: card.space, checkpoint: try files.checkpoint(), keyMap: .identity,
                assets: assets, frozen: card.frozen, notes: card.notes))
    }
}
