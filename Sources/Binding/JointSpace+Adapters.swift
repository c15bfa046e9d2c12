import BinderyLayers
import BinderyTensors

extension JointSpace {
    /// The same space with adapters added to the weights they correct, except those of the towers `kept`.
    ///
    /// Throws when a tower cannot be built.
    public func merged(_ modalities: [Modality], keeping kept: Set<String> = []) throws -> JointSpace {
        var plan = plan
        for name in plan.towers.keys where !kept.contains(name) { plan.towers[name]?.adapters = nil }
        guard plan != self.plan else { return self }
        let space = try JointSpace(plan, modalities: modalities, assets: assets)
        for parameter in space.parameters.all {
            guard let own = parameters[parameter.name] else { continue }
            let tower = String(parameter.name.prefix { $0 != "." })
            let correction = kept.contains(tower) ? nil : correction(of: parameter.name)
            parameter.value = correction.map { own.value + $0 } ?? own.value
        }
        return space
    }

    /// What adapters that `plan` has add to the weight `name`.
    private func correction(of name: String) -> Tensor? {
        let parts = name.split(separator: ".", maxSplits: 1).map(String.init)
        guard parts.count == 2, parts[1].hasSuffix(".weight"), let adapters = plan.towers[parts[0]]?.adapters else {
            return nil
        }
        let place = "\(parts[0]).\(LowRank.name).\(parts[1].dropLast(".weight".count))"
        guard let down = parameters["\(place).down"], let up = parameters["\(place).up"] else { return nil }
        return LowRank.correction(down: down.value, up: up.value, adapters)
    }
}
