/// Finds the weights in what a pickle built: names and tensors, in the order of the file.
struct StateDict {
    private let heap: PickleHeap
    /// The named tensors; a name that is there twice holds what was set last, as in the dictionary it comes from.
    private(set) var tensors: [String: PickleTensor] = [:]

    /// Keys under which training code keeps the weights, the most usual first.
    private static let wrappers = [
        "state_dict", "model_state_dict", "model", "module", "model_state", "net", "network", "weights", "params",
        "state_dict_ema", "model_ema", "ema",
    ]

    /// The weights at or under `root`: the dictionary with the most tensors among the root and its wrappers; where
    /// those hold none, or the root is a TorchScript object, all below it, names joined by dots; or a single tensor,
    /// which is then called `tensor`.
    init(_ root: PickleValue, in heap: PickleHeap) {
        self.heap = heap
        switch root {
        case .tensor(let index): tensors["tensor"] = heap.tensors[index]
        case .object: flatten(root)
        case .dictionary:
            var seen: Set<Int> = []
            let found = candidates(root, &seen).max { $0.count < $1.count }
            if let found, found.count > 0 { collect(found.dictionary) } else { flatten(root) }
        default: break
        }
    }

    /// Every tensor below `root`, whatever it is, under its path of keys joined by dots.
    init(everythingIn root: PickleValue, _ heap: PickleHeap) {
        self.heap = heap
        if case .tensor(let index) = root { tensors["tensor"] = heap.tensors[index] } else { flatten(root) }
    }

    /// `value` and what its wrappers hold, the innermost of the most usual wrapper first.
    ///
    /// Each comes with how many tensors are directly in it. A dictionary that is reached in several ways counts once.
    private func candidates(_ value: PickleValue, _ seen: inout Set<Int>) -> [(dictionary: Int, count: Int)] {
        guard case .dictionary(let index) = value, seen.insert(index).inserted, seen.count < 64 else { return [] }
        var count = 0
        var inside: [String: PickleValue] = [:]
        for (key, member) in heap.dictionaries[index] {
            guard case .text(let name) = key else { continue }
            if case .tensor = member { count += 1 } else if StateDict.wrappers.contains(name) { inside[name] = member }
        }
        return StateDict.wrappers.flatMap { name in inside[name].map { candidates($0, &seen) } ?? [] } + [
            (index, count)
        ]
    }

    private mutating func collect(_ dictionary: Int) {
        for (key, value) in heap.dictionaries[dictionary] {
            if case .text(let name) = key, case .tensor(let index) = value { tensors[name] = heap.tensors[index] }
        }
    }

    /// Walks dictionaries and attributes without recursion.
    ///
    /// A pickle may tie containers into cycles, or share them so
    /// that they have more paths than the file has bytes; depth, length of path and number of steps are bounded.
    private mutating func flatten(_ root: PickleValue) {
        var open: [(path: String, depth: Int, value: PickleValue)] = [("", 0, root)]
        var steps = 0
        while let (path, depth, value) = open.popLast() {
            if case .tensor(let index) = value { tensors[path] = heap.tensors[index] }
            guard depth < 32, let members = heap.members(value) else { continue }
            for (key, member) in members {
                steps += 1
                guard steps <= PickleMachine.most else { return }
                switch key {
                case .text(let name): open.append((path.isEmpty ? name : "\(path).\(name)", depth + 1, member))
                case .int(let number):
                    open.append((path.isEmpty ? "\(number)" : "\(path).\(number)", depth + 1, member))
                default: break
                }
            }
        }
    }

    private static func name(_ key: PickleValue) -> String? {
        switch key {
        case .text(let name): name
        case .int(let number): String(number)
        default: nil
        }
    }
}
