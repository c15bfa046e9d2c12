import BinderyBinding
import BinderyPictures

extension Inspection {
    /// Picture files, decoded whole; patterns in many colours.
    static let pictures = Inspection(
        extensions: ["jpg", "jpeg", "png"],
        facts: { item in
            let picture = try PictureReader().picture(item)
            return [.width: Double(picture.width), .height: Double(picture.height)]
        }, specimens: { Picture.specimens.map { Item(.bytes($0.png())) } })
}
