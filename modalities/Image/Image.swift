public import BinderyBinding

extension Modality {
    /// Pictures: JPEG and PNG files, items of IDX files.
    public static let image = Modality("image")
        .encoder("imagebind") { config, scope, _ in try ImageBindImage(config, scope) }
}
