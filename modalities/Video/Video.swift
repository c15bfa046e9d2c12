public import BinderyBinding

extension Modality {
    /// Moving pictures: folders of frames.
    public static let video = Modality("video")
        .encoder("imagebind") { config, scope, _ in try ImageBindVideo(config, scope) }
        .inspected(by: .patterns)
}
