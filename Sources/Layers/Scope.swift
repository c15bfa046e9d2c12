/// A place in the tree of names, handed down while a model is built.
///
/// A layer asks its scope for parameters; what initialises, loads, renames, freezes and lists them is the one list
/// that the scopes fill.
public struct Scope: Sendable {
    private let parameters: Parameters
    /// The dotted path of this place, "" at the root.
    public let path: String

    init(_ parameters: Parameters, path: String) {
        self.parameters = parameters
        self.path = path
    }

    private func full(_ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }

    /// The scope called `name` below this one.
    public subscript(_ name: String) -> Scope { Scope(parameters, path: full(name)) }

    /// The scope of the element `index` of a list below this one.
    public subscript(_ index: Int) -> Scope { self["\(index)"] }

    /// The parameter called `name` here; asking twice gives the same one.
    public func callAsFunction(_ name: String, _ shape: Int..., start: Start) -> Parameter {
        parameters.declare(full(name), shape, .weight, start)
    }

    /// The adapter that `Parameters.adapt` asks for at this place, nil when it asks for none.
    func adapter(from: Int, to: Int) -> LowRank? {
        guard let (root, adapters) = parameters.adapters(at: path) else { return nil }
        let place = Scope(parameters, path: "\(root).\(LowRank.name)")[String(path.dropFirst(root.count + 1))]
        return LowRank(place, from: from, to: to, adapters)
    }

    /// The buffer called `name` here: saved with the model, never touched by an optimiser.
    public func buffer(_ name: String, _ shape: Int..., start: Start) -> Parameter {
        parameters.declare(full(name), shape, .buffer, start)
    }
}
