import BinderyBinding
import BinderyLayers
import BinderyTensors

/// The encoders that no stage of a recipe trains: every start of a run gives them anew, so its states leave them out.
struct Untouched {
    /// Their towers.
    let towers: Set<String>
    /// The names of their weights and buffers.
    let names: Set<String>
    /// What they hold, by which a run that goes on knows that it starts where it started before.
    let fingerprint: Fingerprint

    init(_ space: JointSpace, _ stages: [Recipe.Stage]) throws {
        var towers = Set(space.names)
        for stage in stages {
            try stage.freeze(space, epoch: stage.training.epochs)
            towers = try towers.filter { try space.tower($0).isEncoderFrozen && !stage.calibrate.contains($0) }
        }
        let names = Set(
            towers.flatMap { tower in
                space.parameters.under(tower).map(\.name).filter { !$0.isUnder("\(tower).projection") }
            })
        self.towers = towers
        self.names = names
        fingerprint = Fingerprint(of: space.parameters.all.filter { names.contains($0.name) })
    }
}

extension Fingerprint {
    /// That of names and values.
    init(of parameters: [Parameter]) {
        var hash = Fingerprint.Hash()
        for parameter in parameters {
            hash.add(parameter.name)
            parameter.value.read { hash.add(UnsafeRawBufferPointer($0)) }
        }
        self = hash.finish()
    }
}
