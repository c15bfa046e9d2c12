public import BinderyTensors

/// Why tensors of ours cannot be written under foreign names.
public enum KeyMapError: Error, Equatable, CustomStringConvertible {
    /// Our names that no rule translates.
    case unmapped([String])
    /// Foreign tensors of which not every part is there, or some part twice, or in shapes that do not go together.
    case inconsistent([String])

    /// One sentence and the next step.
    public var description: String {
        switch self {
        case .unmapped(let names):
            "this layout has no place for \(names.joined(separator: ", ")); export to the layout the model came from"
        case .inconsistent(let names):
            "\(names.joined(separator: ", ")) cannot be put together; export to the layout the model came from"
        }
    }
}

extension KeyMap {
    /// Our tensors under their foreign names and in their foreign shapes, in the order of their first part.
    ///
    /// Throws with every name for which there is no rule, or else with every foreign tensor that is not complete.
    public func export(_ tensors: [(String, Tensor)]) throws(KeyMapError) -> [(String, Tensor)] {
        var order: [String] = []
        var groups: [String: [(steps: [Step], tensor: Tensor)]] = [:]
        var unmapped: [String] = []
        for (name, tensor) in tensors {
            let found = rules.lazy.compactMap { rule in
                rule.ours.match(name).map { (theirs: rule.theirs.filled(with: $0), steps: rule.steps) }
            }
            guard let (theirs, steps) = found.first else {
                unmapped.append(name)
                continue
            }
            if groups[theirs] == nil { order.append(theirs) }
            groups[theirs, default: []].append((steps, steps.values(theirsFor: tensor)))
        }
        guard unmapped.isEmpty else { throw .unmapped(unmapped) }
        let whole = order.map { ($0, KeyMap.joined(groups[$0] ?? [])) }
        let broken = whole.filter { $0.1 == nil }.map(\.0)
        guard broken.isEmpty else { throw .inconsistent(broken) }
        return whole.compactMap { name, tensor in tensor.map { (name, $0) } }
    }

    /// The foreign tensor that these are the parts of; nil when they are not all of it.
    private static func joined(_ group: [(steps: [Step], tensor: Tensor)]) -> Tensor? {
        let parts = group.sorted { $0.steps.partIndex < $1.steps.partIndex }
        guard let first = parts.first, parts.map(\.steps.partIndex) == Array(0..<first.steps.partCount),
            parts.allSatisfy({ $0.tensor.shape == first.tensor.shape && $0.steps.partCount == parts.count })
        else { return nil }
        var shape = first.tensor.shape
        if parts.count > 1 { shape[0] *= parts.count }
        // Row-major tensors cut along their outermost axis lie one behind the other.
        let whole = parts.count == 1 ? first.tensor : Tensor(shape: shape) { append(parts.map(\.tensor), to: $0) }
        guard let layout = first.steps.inverted(on: Layout(shape)) else { return nil }
        guard !layout.isContiguous else {
            return Tensor(storage: whole.storage, offset: whole.offset, shape: layout.shape)
        }
        return Tensor(shape: layout.shape) { target in
            whole.read { source in
                guard let source = source.baseAddress else { return }
                Layout.copy(UnsafeRawPointer(source), .f32, layout, into: target)
            }
        }
    }

    private static func append(_ parts: [Tensor], to target: UnsafeMutableBufferPointer<Float>) {
        var rest = target[...]
        for part in parts {
            part.read { _ = UnsafeMutableBufferPointer(rebasing: rest).update(fromContentsOf: $0) }
            rest = rest.dropFirst(part.count)
        }
    }
}

extension [KeyMap.Step] {
    fileprivate var partIndex: Int { if case .part(let index, _)? = last { index } else { 0 } }

    fileprivate var partCount: Int { if case .part(_, let count)? = last { count } else { 1 } }
}
