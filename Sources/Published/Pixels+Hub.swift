import BinderyLayers

/// What a family does to pictures where its folder does not say.
struct PixelRule {
    /// One of the words of `image/…` encoders: `exact` or `shortest`.
    var resize: String
    /// What a bare number at `size` means.
    var bareSize: String
    var kernel = "bicubic"
    var isCropped = false
    var scale = 1.0 / 255
    var mean: [Double]
    var deviation: [Double]

    private static let clipMean = [0.48145466, 0.4578275, 0.40821073]
    private static let clipDeviation = [0.26862954, 0.26130258, 0.27577711]
    private static let half = [0.5, 0.5, 0.5]

    static let clip = PixelRule(
        resize: "shortest", bareSize: "shortest", isCropped: true, mean: clipMean, deviation: clipDeviation)
    static let sigLIP = PixelRule(resize: "exact", bareSize: "exact", mean: half, deviation: half)
    static let vit = PixelRule(resize: "exact", bareSize: "exact", kernel: "bilinear", mean: half, deviation: half)
    static let dino = PixelRule(
        resize: "shortest", bareSize: "shortest", isCropped: true, mean: [0.485, 0.456, 0.406],
        deviation: [0.229, 0.224, 0.225])
    static let efficientNet = PixelRule(
        resize: "exact", bareSize: "exact", kernel: "bilinear", scale: 2.0 / 255, mean: [1, 1, 1], deviation: [1, 1, 1])
}

extension ModelFiles {
    /// The settings of `image_processor` or `feature_extractor` that lie in the folder, as a part of those of the whole
    /// processor or alone; where there are both, transformers takes the part.
    func preprocessor(_ part: String) throws -> Config? {
        let whole = try config("processor_config.json")?[part]
        return try whole?.asMap == nil ? config("preprocessor_config.json") : whole
    }

    /// What the folder's preprocessor does to pictures, as the `pixels` of an `image/…` encoder; what it leaves out is as
    /// `rule` has it, for a network that sees `size` ([height, width]).
    func pixels(_ rule: PixelRule, size: [Int]) throws -> Config {
        let said = try preprocessor("image_processor") ?? .empty
        guard let height = size.first, let width = size.last else { return .empty }
        let isSquare = height == width
        var pixels: [String: Config] = [
            "resize": .text(isSquare ? rule.resize : "exact"), "size": .list([.integer(height), .integer(width)]),
            "kernel": .text(rule.kernel), "centre": "floor",
        ]
        if rule.isCropped, isSquare { pixels["crop"] = .list([.integer(height), .integer(width)]) }
        if try said.bool("do_resize", or: true) {
            if let given = try said.hubSize("size", bare: rule.bareSize) {
                pixels["resize"] = .text(given.resize)
                pixels["size"] = given.size
            }
        } else {
            pixels["resize"] = "none"
        }
        if try said.bool("do_center_crop", or: rule.isCropped) {
            if let crop = try said.hubSize("crop_size", bare: "exact") { pixels["crop"] = crop.size }
        } else {
            pixels["crop"] = nil
        }
        if said["resample"] != nil {
            let code = try said.integer("resample", in: 0...5)
            pixels["kernel"] = .text(["nearest", "lanczos", "bilinear", "bicubic", "box", "hamming"][code])
        }
        return .map(pixels.merging(try said.hubLevels(rule)) { $1 })
    }
}

extension Config {
    /// The sizes that preprocessors write: one number, `shortest_edge`, or `height` and `width`; nil when absent.
    fileprivate func hubSize(_ key: String, bare: String) throws(ConfigError) -> (resize: String, size: Config)? {
        guard let value = self[key] else { return nil }
        let bounds = 1...16_384
        if value.asMap == nil {
            let size: Config
            if value.asList != nil {
                size = .list(try integers(key, in: bounds, most: 2).map { .integer($0) })
            } else {
                size = .integer(try integer(key, in: bounds))
            }
            return (value.asList == nil ? bare : "exact", size)
        }
        if value["shortest_edge"] != nil {
            return ("shortest", .integer(try value.integer("shortest_edge", in: bounds)))
        }
        guard value["height"] != nil, value["width"] != nil else {
            throw .wrong(key, "a number, shortest_edge, or height and width", value)
        }
        return (
            "exact",
            .list([.integer(try value.integer("height", in: bounds)), .integer(try value.integer("width", in: bounds))])
        )
    }

    /// How a preprocessor turns levels into numbers.
    fileprivate func hubLevels(_ rule: PixelRule) throws(ConfigError) -> [String: Config] {
        let rescales = try bool("do_rescale", or: true)
        let scale = try rescales ? number("rescale_factor", in: 0...1e6, or: rule.scale) : 1
        var mean = try numbers("image_mean", or: rule.mean)
        var deviation = try numbers("image_std", or: rule.deviation)
        let given = deviation
        if try !bool("do_normalize", or: true) {
            mean = mean.map { _ in 0 }
            deviation = deviation.map { _ in 1 }
        }
        // EfficientNet's preprocessor can centre levels around 0 first, and divide by the deviation a second time last.
        if rescales, try bool("rescale_offset", or: false) { mean = mean.map { $0 + 1 } }
        if try bool("include_top", or: false) { deviation = zip(deviation, given).map { $0 * $1 } }
        return [
            "scale": .number(scale), "mean": .list(mean.map { .number($0) }),
            "deviation": .list(deviation.map { .number($0) }),
        ]
    }

    /// The three numbers at `key`, or `fallback` when it is absent.
    func numbers(_ key: String, or fallback: [Double]) throws(ConfigError) -> [Double] {
        guard let value = self[key] else { return fallback }
        let numbers = (value.asList ?? [value, value, value]).compactMap(\.asNumber).filter { abs($0) < 1e6 }
        guard numbers.count == 3 || numbers.count == 1 && value.asList?.count == 1 else {
            throw .wrong(key, "three numbers", value)
        }
        return numbers
    }
}
