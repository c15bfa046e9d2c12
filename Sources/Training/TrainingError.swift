import BinderyLayers

/// Why training cannot start or go on.
public enum TrainingError: Error, CustomStringConvertible {
    case finished(String)
    case notEmpty(String)
    case otherRecipe(String)
    case otherWeights(String)
    case brokenState(String)
    case tooLarge(weights: Int, bytes: Int, memory: Int)
    case everythingFrozen
    case neverUnfrozen([String], epochs: Int)
    case nothingToJudge(String)
    case recalibratesFrozen(tower: String)
    case tooFewSamples(Int, batch: Int)
    case batchOfOne
    case notFinite(step: Int, parameter: String?, kept: String)
    case unknownLabels(manifest: String, labels: [String], known: [String])
    case alikeLabels(manifest: String, labels: [String])
    case oneClass(manifest: String, labels: [String])
    case nothingShown(String, String)
    case emptyClasses(manifest: String, labels: [String])
    case noColumn(tower: String)
    case noRows(table: String)
    case nothingEmergent([String])
    case unknownClasses([String], known: [String])
    case nothingUnseen([String])
    case unknownGroup(paths: [String])
    case nothingComposed(table: String)
    case unmatched(table: String, column: String, values: [String])

    /// One sentence and the next step.
    public var description: String {
        switch self {
        case .finished(let folder): "\(folder) holds a finished run; choose another --out"
        case .notEmpty(let folder):
            "\(folder) holds an unfinished run; continue it with --resume or choose another --out"
        case .otherRecipe(let folder):
            "\(folder) was begun with another recipe or other --set values; resume with the same or choose another --out"
        case .otherWeights(let folder):
            "\(folder) was begun with other weights of a frozen encoder; put them back or choose another --out"
        case .brokenState(let folder):
            "\(folder)/training.safetensors does not fit this recipe; delete the folder and start again"
        case .tooLarge(let weights, let bytes, let memory):
            "the towers start with \(weights) new weights, whose training takes \(bytes >> 30) GB of this machine's"
                + " \(memory >> 30); make them narrower or shallower"
        case .everythingFrozen: "everything is frozen, so there is nothing to train; unfreeze a tower or a projection"
        case .neverUnfrozen(let paths, let epochs):
            "training ends after \(epochs) epochs, so \(paths.listed) would never be unfrozen; name an epoch below \(epochs)"
                + " or raise training.epochs"
        case .nothingToJudge(let task):
            "the recipe has no table for \(task); name one in evaluate.manifest or data.validation"
        case .recalibratesFrozen(let tower):
            "recalibrate would change the encoder of \(tower), which is frozen; unfreeze it or leave it out of recalibrate"
        case .tooFewSamples(let samples, let batch):
            "\(samples) samples do not fill one batch of \(batch); lower training.batch"
        case .batchOfOne: "a contrastive loss needs others to compare with; training.batch must be at least 2"
        case .notFinite(let step, let parameter, let kept):
            "the loss is not finite at step \(step)"
                + (parameter.map { ", first in \($0)" } ?? "")
                + "; \(kept); lower training.rate or set training.clip"
        case .unknownLabels(let manifest, let labels, let known):
            "\(manifest) has labels that the classes lack: \(labels.nearest(in: known).listed); the classes are \(known.listed)"
        case .alikeLabels(let manifest, let labels):
            "\(manifest) has labels that differ by capitals alone: \(labels.listed); write them alike, or list them in a table"
                + " of classes if they mean different things"
        case .oneClass(let manifest, let labels):
            "\(manifest) has no class but \(labels.listed), so there is nothing to tell apart; give it two classes or more"
        case .nothingShown(let manifest, let column):
            "\(manifest): no row has a label in \(column), so there is nothing to find; fill the column in"
        case .emptyClasses(let manifest, let labels):
            "\(manifest) has no example of \(labels.listed); remove them from the classes or add examples"
        case .noColumn(let tower):
            "the recipe does not say where items of \(tower) come from; name a column in data.columns"
        case .noRows(let table): "\(table): data.rows leaves none of its rows; look at the values that it names"
        case .unknownClasses(let names, let known):
            "\(names.nearest(in: known).listed) is none of the classes \(known.listed)"
        case .nothingUnseen(let names):
            "the table needs items of \(names.listed) and of other classes, to compare what was left out with what was not"
        case .nothingEmergent(let modalities):
            "every pair of \(modalities.joined(separator: ", ")) was trained together, so nothing can emerge; name a modality that"
                + " did not meet one of the others"
        case .nothingComposed(let table):
            "\(table) has no rows whose composition is not left out; shorten data.compose.except"
        case .unmatched(let table, let column, let values) where values.isEmpty:
            "\(table) has no rows with a \(column) to match; name another table in data.match"
        case .unmatched(let table, let column, let values):
            "\(table) has no row whose \(column) is \(values.listed); add some, or leave those rows out in data.rows"
        case .unknownGroup(let paths):
            "training.groups has paths that match nothing: \(paths.listed)"
        }
    }
}

extension [String] {
    /// The first few, with how many more there are.
    fileprivate var listed: String {
        prefix(6).joined(separator: ", ") + (count > 6 ? " and \(count - 6) more" : "")
    }

    /// Each with the nearest of `known` behind it, where one is near.
    fileprivate func nearest(in known: [String]) -> [String] {
        map { name in name.nearest(in: known).map { "\(name) (did you mean \($0)?)" } ?? name }
    }
}
