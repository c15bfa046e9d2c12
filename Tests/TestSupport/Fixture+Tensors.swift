public import BinderyLayers
internal import Foundation

extension Fixture {
    /// The tensors of a file of the fixture (`expected.safetensors`).
    public func tensors(_ path: String) throws -> Checkpoint {
        try Checkpoint(contentsOf: file(path))
    }
}
