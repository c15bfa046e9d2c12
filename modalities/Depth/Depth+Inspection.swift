import BinderyBinding
import BinderyPictures

extension Inspection {
    /// Patterns as 8-bit pictures.
    static let patterns = Inspection { Picture.specimens.map { Item(.bytes(GreyPicture(lumaOf: $0).png())) } }
}
