extension Parameters {
    /// Fills every parameter from a checkpoint whose names `map` translates.
    ///
    /// Nothing changes unless everything fits: names that are missing, left over or of another shape are thrown
    /// together, before memory is taken for any tensor.
    public func fill(from checkpoint: Checkpoint, through map: KeyMap) throws(CheckpointError) {
        try fill(all, from: checkpoint, through: map, replacing: "", by: "")
    }

    /// Fills some parameters; in the map's names `source` stands where theirs begin with `path`, as when a part of one
    /// model enters another under a new name.
    package func fill(
        _ wanted: [Parameter], from checkpoint: Checkpoint, through map: KeyMap, replacing path: String,
        by source: String
    ) throws(CheckpointError) {
        let names = wanted.map { source + $0.name.dropFirst(path.count) }
        let sources = try map.resolve(zip(names, wanted).map { ($0, $1.shape) }, in: checkpoint)
        for (name, parameter) in zip(names, wanted) {
            guard let source = sources[name] else { continue }
            parameter.value = try source.tensor()
        }
    }
}
