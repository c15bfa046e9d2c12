public import BinderyLayers

/// The losses that recipes can name.
public enum NamedLoss: String, CaseIterable, Sendable {
    case infoNCE = "infonce"
    case multiPositive = "multi-positive"
    case siglip
    case ntxent
    case supcon
    case debiased
    case triplet
    case pairwise

    /// The loss with the settings a recipe gives it; throws on settings it does not have.
    public func make(_ settings: Config = .empty) throws -> any ContrastiveLoss {
        try settings.allow(only: keys)
        return switch self {
        case .infoNCE: InfoNCE()
        case .multiPositive: MultiPositiveInfoNCE()
        case .siglip: SigLIP(usesGroups: try settings.bool("groups", or: false))
        case .ntxent: NTXent()
        case .supcon: SupCon()
        case .debiased: Debiased(positiveShare: try settings.number("positive_share", in: 0...0.999, or: 0.1))
        case .triplet:
            Triplet(
                margin: try settings.number("margin", in: 0...100, or: 0.2),
                squared: try settings.bool("squared", or: false))
        case .pairwise: PairwiseMargin(margin: try settings.number("margin", in: 0...100, or: 1))
        }
    }

    /// Whether it is a cross-entropy over the batch, which cannot fall below the entropy of the right answers.
    public var hasEntropyFloor: Bool { self == .infoNCE || self == .multiPositive }

    /// Whether the recipe's groups count, besides rows of equal items.
    public var usesGroups: Bool { self != .infoNCE }

    private var keys: [String] {
        switch self {
        case .infoNCE, .multiPositive, .ntxent, .supcon: []
        case .siglip: ["groups"]
        case .debiased: ["positive_share"]
        case .triplet: ["margin", "squared"]
        case .pairwise: ["margin"]
        }
    }
}
