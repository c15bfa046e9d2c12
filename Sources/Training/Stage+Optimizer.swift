import BinderyBinding
import BinderyLayers

extension Recipe.Stage {
    /// The optimiser of the stage: groups with settings of their own first, temperatures without decay, then the rest.
    ///
    /// Of several groups over one parameter the one with the longest path has it. Throws when a path matches nothing.
    func optimizer(of space: JointSpace) throws -> AdamW {
        let weights = space.parameters.all.filter { $0.kind == .weight }
        let unmatched = training.groups.flatMap(\.paths).filter { path in
            !weights.contains { $0.name.isUnder(path) }
        }
        guard unmatched.isEmpty else { throw TrainingError.unknownGroup(paths: unmatched) }
        var own: [[Parameter]] = Array(repeating: [], count: training.groups.count)
        var temperatures: [Parameter] = []
        var rest: [Parameter] = []
        for parameter in weights {
            let lengths = training.groups.map { group in
                group.paths.filter(parameter.name.isUnder).map(\.count).max() ?? -1
            }
            let owner = lengths.indices.max { lengths[$0] < lengths[$1] }
            if let owner, lengths[owner] >= 0 {
                own[owner].append(parameter)
            } else if parameter.name.isUnder("pairs") {
                temperatures.append(parameter)
            } else {
                rest.append(parameter)
            }
        }
        let groups = zip(training.groups, own).map { group, parameters in
            AdamW.Group(
                parameters: parameters, rate: group.rate ?? training.rate, decay: group.decay ?? training.decay)
        }
        return AdamW(
            groups: groups + [
                AdamW.Group(parameters: temperatures, rate: training.rate, decay: 0),
                AdamW.Group(parameters: rest, rate: training.rate, decay: training.decay),
            ], betas: (training.betas.first, training.betas.second), epsilon: training.epsilon)
    }
}
