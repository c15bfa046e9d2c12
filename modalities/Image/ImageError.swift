import BinderyBinding

/// Why an item cannot be embedded as a picture.
public enum ImageError: Error, Sendable, CustomStringConvertible {
    /// The item is of another kind.
    case notPicture(String)
    /// The rows of an array are no pictures.
    case notRows(String, found: [Int])
    /// Resized without a crop, the picture would be larger than any network takes.
    case tooElongated(String, width: Int, height: Int)
    /// The picture has less than one patch, or more of them than attention can hold.
    case wrongPatches(String, rows: Int, columns: Int, most: Int)

    /// One sentence and the next step.
    public var description: String {
        switch self {
        case .notPicture(let name): "\(name) is not a picture; give a JPEG or PNG file, or a row of an IDX or NPY file"
        case .notRows(let name, let found):
            """
            \(name) holds an array of shape \(found); pictures are bytes (uint8) of shape [count, height, width] or \
            [count, height, width, 3]
            """
        case .tooElongated(let name, let width, let height):
            "\(name) would become \(width) × \(height) pixels, more than the network can take; crop it first"
        case .wrongPatches(let name, let rows, let columns, let most):
            "\(name) makes \(rows) × \(columns) patches, the network takes from 1 to \(most); resize or crop it first"
        }
    }
}
