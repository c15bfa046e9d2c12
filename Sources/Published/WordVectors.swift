import BinderyBinding
import BinderyLayers
import Foundation

extension Family {
    /// Word vectors as word2vec, GloVe and FastText write them (`.vec`, `.txt`): a text is the mean of its words.
    static let wordVectors = Family(name: "word vectors") { files in
        let kind = files.weights.pathExtension.lowercased()
        guard ["vec", "txt"].contains(kind) else { return .unlike("not a .vec or .txt file") }
        let vectors = try WordVectors(contentsOf: files.weights)
        let tower = JointSpace.Plan.Tower(
            encoder: "text/cbow",
            config: ["words": .integer(vectors.words.count), "width": .integer(vectors.width)])
        let words = Data(vectors.words.map { $0 + "\n" }.joined().utf8)
        return .known(
            Recognised(
                family: "word vectors", plan: JointSpace.Plan(width: vectors.width, towers: ["text": tower]),
                checkpoint: vectors.checkpoint, keyMap: KeyMap([KeyMap.Rule("text.words.weight", "vectors")]),
                assets: ["text": Assets(["words.txt": words])], frozen: ["text"]))
    }
}
