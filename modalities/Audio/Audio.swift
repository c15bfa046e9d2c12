public import BinderyBinding

extension Modality {
    /// Sound: WAV, FLAC, OGG, MP3 and AIFF files, or samples in memory.
    public static let audio = Modality("audio")
        .encoder("cnn14") { config, scope, _ in try CNN14(config, scope) }
        .encoder("htsat") { config, scope, _ in try HTSAT(config, scope) }
        .encoder("imagebind") { config, scope, _ in try ImageBindAudio(config, scope) }
        .inspected(by: .sounds)
}
