public import BinderyBinding

extension Modality {
    /// How far things are: depth maps as PNG files or arrays.
    public static let depth = Modality("depth")
        .encoder("imagebind") { config, scope, _ in try ImageBindDepth(config, scope) }
        .inspected(by: .patterns)
}
