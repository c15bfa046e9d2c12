import BinderyBinding
import BinderyLayers
import BinderyPictures
import BinderyTensors

/// How pictures of thermal cameras become numbers between 0 (cold) and 1 (warm), as ImageBind takes them.
///
/// 8 bits are taken as they are, over 255. 16 bits are counts or temperatures that fill a small part of their range:
/// they are spread so that `low` becomes 0 and `high` becomes 1, which are the picture's own coldest and warmest values
/// unless said.
struct HeatMap: Sendable {
    let low: Double?
    let high: Double?

    static let keys = ["low", "high"]

    /// Reads `low` and `high`, in the numbers of the files.
    init(_ config: Config) throws(ConfigError) {
        low = config["low"] == nil ? nil : try config.number("low", in: -1e9...1e9)
        high = config["high"] == nil ? nil : try config.number("high", in: -1e9...1e9)
        if let low, let high, low >= high { throw .inconsistent("low (\(low)) must be below high (\(high))") }
    }

    /// The square that a network sees, [side, side].
    func square(of item: Item, _ view: SquareView, _ reader: PictureReader) throws -> Tensor {
        let picture = try reader.greyPicture(item)
        guard picture.depth > 8 else { return picture.square(view) }
        let low = low ?? Double(picture.values.min() ?? 0)
        let high = max(high ?? Double(picture.values.max() ?? 0), low + 1)
        let spread = picture.values.map { Float(min(max((Double($0) - low) / (high - low), 0), 1)) }
        let plane = Plane(Tensor(spread, [picture.height, picture.width]))
        return plane.square(SquareView(side: view.side, part: view.part, kernel: .bilinear))
    }
}
