public import BinderyTensors

extension KeyMap {
    /// Where one of our tensors comes from.
    public struct Source: Sendable {
        /// The foreign name.
        public let name: String
        private let checkpoint: Checkpoint
        private let steps: [Step]

        fileprivate init(_ name: String, in checkpoint: Checkpoint, _ steps: [Step]) {
            self.name = name
            self.checkpoint = checkpoint
            self.steps = steps
        }

        /// Our tensor, as floats; the file's own memory where nothing has to be moved or converted.
        public func tensor() throws(CheckpointError) -> Tensor {
            var stored = try checkpoint.find(name)
            guard let layout = steps.applied(to: stored.layout) else {
                let shape = stored.layout.shape
                throw CheckpointError(checkpoint.path, .misshaped(tensor: name, expected: [], found: shape))
            }
            stored.layout = layout
            return steps.values(from: stored.tensor())
        }
    }

    /// Finds in `checkpoint` where each of our tensors comes from; reads no numbers.
    ///
    /// Throws with every foreign name that is missing, has another shape than ours asks for, or is neither used nor
    /// ignored, all at once.
    public func resolve(
        _ wanted: [(name: String, shape: [Int])], in checkpoint: Checkpoint
    ) throws(CheckpointError) -> [String: Source] {
        let files = bareNames(of: checkpoint)
        var sources: [String: Source] = [:]
        var used: Set<String> = []
        var problems: [CheckpointError.Problem] = []
        for (name, shape) in wanted {
            let candidates = rules.lazy.compactMap { rule in
                rule.ours.match(name).map { (theirs: rule.theirs.filled(with: $0), steps: rule.steps) }
            }
            guard let found = candidates.first(where: { files[$0.theirs] != nil }), let theirs = files[found.theirs],
                let entry = checkpoint[theirs]
            else {
                problems.append(.missing(tensor: candidates.first?.theirs ?? name))
                continue
            }
            used.insert(theirs)
            if found.steps.applied(to: Layout(entry.shape))?.shape == shape {
                sources[name] = Source(theirs, in: checkpoint, found.steps)
            } else {
                let expected = found.steps.shape(theirsFor: shape)
                problems.append(.misshaped(tensor: theirs, expected: expected, found: entry.shape))
            }
        }
        let ignored = ignoring.map(NamePattern.init)
        for (bare, theirs) in files.sorted(by: { $0.value < $1.value }) where !used.contains(theirs) {
            if !ignored.contains(where: { $0.match(bare) != nil }) { problems.append(.surplus(tensor: theirs)) }
        }
        guard problems.isEmpty else { throw CheckpointError(checkpoint.path, problems) }
        return sources
    }

    /// The names in the file by what they are without their prefixes.
    private func bareNames(of checkpoint: Checkpoint) -> [String: String] {
        var names: [String: String] = [:]
        for name in checkpoint.names {
            let bare = prefixes.reduce(name) { $0.hasPrefix($1) ? String($0.dropFirst($1.count)) : $0 }
            // Where two names differ in the prefix alone, both keep it.
            names[checkpoint[bare] == nil && names[bare] == nil ? bare : name] = name
        }
        return names
    }
}
