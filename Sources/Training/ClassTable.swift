import BinderyLayers
import Foundation

/// What the classes of a manifest are called: a table with the columns `label` and `phrase`.
struct ClassTable {
    /// The names in the manifest, each once, in the order of the table.
    let labels: [String]
    /// What prompts call them.
    let phrases: [String]

    /// Throws when a column is missing, there are no rows, a cell is empty, or a label has two phrases.
    init(contentsOf url: URL) throws(ManifestError) {
        let table = try Manifest(contentsOf: url).measurable()
        var (labels, phrases): ([String], [String]) = ([], [])
        var places: [String: Int] = [:]
        for (label, phrase) in zip(try table.words("label"), try table.words("phrase")) {
            if let place = places[label] {
                guard phrases[place] == phrase else { throw table.error(.severalPhrases(label)) }
            } else {
                places[label] = labels.count
                labels.append(label)
                phrases.append(phrase)
            }
        }
        (self.labels, self.phrases) = (labels, phrases)
    }
}
