@_exported public import BinderyAudio
@_exported public import BinderyBinding
@_exported public import BinderyEvaluation
@_exported public import BinderyHub
@_exported public import BinderyImage
@_exported public import BinderyLayers
@_exported public import BinderyModalities
@_exported public import BinderyPictures
@_exported public import BinderyPublished
@_exported public import BinderySearch
@_exported public import BinderyTensors
@_exported public import BinderyText
@_exported public import BinderyTraining
public import Foundation

/// Facts about the package as a whole.
public enum Bindery {
    /// The version of library and tool.
    public static let version = "0.1.0"
}

extension Model {
    /// Opens the model at `url`, a folder or a single file of weights, with every modality this build knows.
    ///
    /// Throws what `init(at:tokenizer:modalities:)` throws.
    public init(at url: URL, tokenizer: URL? = nil) throws {
        try self.init(at: url, tokenizer: tokenizer, modalities: Modalities.all)
    }
}
