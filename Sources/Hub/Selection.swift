/// Which files of a model are worth fetching: one set of weights, and what is read beside them.
enum Selection {
    /// Names of weights, the best first; of a file that lists shards, all that it lists are taken.
    private static let weights = [
        "model.safetensors", "model.safetensors.index.json", "open_clip_model.safetensors", "pytorch_model.bin",
        "pytorch_model.bin.index.json", "open_clip_pytorch_model.bin",
    ]
    private static let kinds = ["safetensors", "pt", "pth", "bin", "vec"]
    /// What else is read, or tells people whose the model is.
    private static let others = [
        "vocab.txt", "merges.txt", "bpe_simple_vocab_16e6.txt.gz", "bpe_simple_vocab_16e6.txt", "1_Pooling/config.json",
        "README.md", "LICENSE", "LICENSE.md", "LICENSE.txt",
    ]
    /// State of training runs, and metrics.
    private static let useless = ["trainer_state.json", "all_results.json", "train_results.json", "eval_results.json"]

    /// The files to fetch, the largest first; `including` names further ones, and the weights where it names some.
    ///
    /// Throws when there are no weights, or several and none of a known name.
    static func wanted(
        of listing: Listing, _ id: HubID, including patterns: [String]
    ) throws(HubError) -> [HubFile] {
        let asked = listing.files.filter { file in patterns.contains { $0 == file.name } }
        if let missing = patterns.first(where: { name in !asked.contains { $0.name == name } }) {
            throw .badListing(id.description, reason: "has no file \(missing)")
        }
        let isWeights = { (file: HubFile) in kinds.contains { file.name.hasSuffix(".\($0)") } }
        let own = try asked.contains(where: isWeights) ? [] : weightFiles(listing, id, isWeights)
        let beside = listing.files.filter { file in
            let isSetting =
                [".json", ".model"].contains { file.name.hasSuffix($0) } && !file.name.contains("/")
                && !file.name.hasSuffix(".index.json") && !useless.contains(file.name)
            return isSetting || others.contains(file.name)
        }
        var seen: Set<String> = []
        return (own + asked + beside).filter { seen.insert($0.name).inserted }
            .sorted { ($0.size ?? .max, $1.name) > ($1.size ?? .max, $0.name) }
    }

    private static func weightFiles(
        _ listing: Listing, _ id: HubID, _ isWeights: (HubFile) -> Bool
    ) throws(HubError) -> [HubFile] {
        let top = listing.files.filter { !$0.name.contains("/") }
        if let name = weights.first(where: { name in top.contains { $0.name == name } }) {
            guard name.hasSuffix(".index.json") else { return top.filter { $0.name == name } }
            // model-00001-of-00004.safetensors
            let stem = name.prefix { $0 != "." }
            let kind = name.dropLast(".index.json".count).drop { $0 != "." }
            return top.filter {
                $0.name == name
                    || ($0.name.hasPrefix("\(stem)-") && $0.name.contains("-of-") && $0.name.hasSuffix(kind))
            }
        }
        let useless = ["training_args.bin", "optimizer.pt", "scheduler.pt", "rng_state.pth", "scaler.pt"]
        let found = top.filter { isWeights($0) && !useless.contains($0.name) }
        let preferred = kinds.lazy.map { kind in found.filter { $0.name.hasSuffix(".\(kind)") } }.first { !$0.isEmpty }
        guard let preferred else { throw .nothingToPull(id.description) }
        guard preferred.count == 1 else { throw .severalWeights(id.description, preferred.map(\.name)) }
        return preferred
    }
}
