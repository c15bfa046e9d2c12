/// What is wrong with a joint space as a recipe or a checkpoint describes it, or with what is asked of it.
public enum SpaceError: Error, CustomStringConvertible {
    case unknownModality(String, known: [String])
    case unknownEncoder(String, known: [String])
    case unknownTower(String, known: [String])
    case tower(String, any Error)
    case noPair(String, String)
    case width(String, Int, Int)
    case malformed(String)
    case notFinite(String)

    /// One sentence and the next step.
    public var description: String {
        switch self {
        case .unknownModality(let name, let known):
            "there is no modality \(name); known are \(known.joined(separator: ", "))"
        case .unknownEncoder(let name, let known):
            "there is no encoder \(name); known are \(known.joined(separator: ", "))"
        case .unknownTower(let name, let known):
            "the model has no tower for \(name); it has \(known.joined(separator: ", "))"
        case .tower(let name, let error): "tower \(name): \(error)"
        case .noPair(let a, let b): "the model has no pair \(a)-\(b), so it has no logit scale for it"
        case .width(let name, let found, let expected):
            "tower \(name) gives vectors of \(found) without a projection, the space has \(expected);"
                + " give the tower a projection or the space that width"
        case .malformed(let sentence): sentence
        case .notFinite(let name):
            "\(name) gave a vector that is not finite; check the input, and `bindery doctor` the model"
        }
    }
}
