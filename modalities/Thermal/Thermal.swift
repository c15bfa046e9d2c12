public import BinderyBinding

extension Modality {
    /// How warm things are: pictures of thermal cameras.
    public static let thermal = Modality("thermal")
        .encoder("imagebind") { config, scope, _ in try ImageBindThermal(config, scope) }
        .inspected(by: .patterns)
}
