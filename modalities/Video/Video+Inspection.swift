import BinderyBinding
import BinderyPictures

extension Inspection {
    /// Patterns as 8-bit pictures.
    static let patterns = Inspection { Picture.specimens.map { Item(.bytes($0.png())) } }
}
