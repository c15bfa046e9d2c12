import BinderyTensors

extension KeyMap.Step {
    var isPart: Bool { if case .part = self { true } else { false } }

    /// Our view of their tensor; nil when the step does not fit its shape.
    func applied(to theirs: Layout) -> Layout? {
        switch self {
        case .transposed: theirs.permuted([1, 0])
        case .permuted(let axes): theirs.permuted(axes)
        case .squeezed(let axes): theirs.squeezed(axes)
        case .part(let index, let parts): theirs.part(index, of: parts)
        case .negativeLogarithm, .shifted: theirs
        }
    }

    /// Their view of our tensor, where all parts of a tensor that was cut are together again.
    func inverted(on ours: Layout) -> Layout? {
        switch self {
        case .transposed: return ours.permuted([1, 0])
        case .permuted(let axes):
            guard axes.sorted() == Array(axes.indices) else { return nil }
            return ours.permuted(axes.indices.map { axis in axes.firstIndex(of: axis) ?? axis })
        case .squeezed(let axes): return ours.expanded(axes)
        case .part, .negativeLogarithm, .shifted: return ours
        }
    }
}

extension [KeyMap.Step] {
    func applied(to theirs: Layout) -> Layout? {
        reduce(theirs) { layout, step in layout.flatMap(step.applied) }
    }

    func inverted(on ours: Layout) -> Layout? {
        reversed().reduce(ours) { layout, step in layout.flatMap(step.inverted) }
    }

    /// The shape that their tensor must have for ours to come out with `shape`.
    func shape(theirsFor shape: [Int]) -> [Int] {
        var whole = shape
        if case .part(_, let parts)? = last, !whole.isEmpty { whole[0] *= parts }
        return inverted(on: Layout(whole))?.shape ?? whole
    }

    /// Our numbers from theirs.
    func values(from theirs: Tensor) -> Tensor {
        reduce(theirs) { values, step in
            switch step {
            case .negativeLogarithm: -values.log()
            case .shifted(let amount): values + amount
            default: values
            }
        }
    }

    /// Their numbers from ours.
    func values(theirsFor ours: Tensor) -> Tensor {
        reversed().reduce(ours) { values, step in
            switch step {
            case .negativeLogarithm: (-values).exp()
            case .shifted(let amount): values - amount
            default: values
            }
        }
    }
}
