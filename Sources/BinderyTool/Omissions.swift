import Bindery

extension JointSpace {
    /// Says on standard error how many items are longer than their encoder takes, and what the first of them loses.
    func noteOmissions(_ items: [Item], as modality: String) throws {
        let omissions = try omissions(items, as: modality)
        guard let first = omissions.min(by: { $0.key < $1.key }) else { return }
        let name = items[first.key].name
        let shown = name.count > 60 ? "\(name.prefix(60))…" : name
        Output.note(
            """
            \(omissions.count) of \(items.count) inputs are longer than the \(modality) encoder takes and were cut; the \
            first, \"\(shown)\", loses \(first.value)
            """)
    }
}
