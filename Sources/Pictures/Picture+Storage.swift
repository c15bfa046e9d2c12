internal import CKernels

extension Picture {
    /// The part `window` of the picture at another size, resized as its file has it and made red, green and blue then, as
    /// torchvision does with a Pillow picture that nobody converted before.
    ///
    /// What stands in a palette is not mixed; colours are weighed by their opacity, which is dropped afterwards; inks are mixed
    /// as inks.
    package func resizedAsStored(
        width newWidth: Int, height newHeight: Int, by kernel: Resampling, window: Window
    ) -> Picture {
        switch storage {
        case .colours: return resized(width: newWidth, height: newHeight, by: kernel, window: window)
        case .bits, .indexed: return resized(width: newWidth, height: newHeight, by: .nearest, window: window)
        case .alpha(let alpha):
            guard kernel != .nearest, (newWidth, newHeight) != (width, height) else {
                return resized(width: newWidth, height: newHeight, by: kernel, window: window)
            }
            let weighed = [UInt8](count: width * height * 4) { target in
                for (pixel, opacity) in alpha.enumerated() {
                    for channel in 0..<3 {
                        target[pixel * 4 + channel] = Picture.product(pixels[pixel * 3 + channel], opacity)
                    }
                    target[pixel * 4 + 3] = opacity
                }
            }
            let resized = Resize(kernel, from: (width, height), to: (newWidth, newHeight), window: window)(
                weighed, channels: 4)
            return Picture(width: window.columns.count, height: window.rows.count) { target in
                for pixel in 0..<target.count / 3 {
                    let opacity = Int(resized[pixel * 4 + 3])
                    for channel in 0..<3 {
                        let value = Int(resized[pixel * 4 + channel])
                        let whole = opacity == 0 || opacity == 255 ? value : min(255 * value / opacity, 255)
                        target[pixel * 3 + channel] = UInt8(whole)
                    }
                }
            }
        case .inks(let inks):
            let resize = Resize(kernel, from: (width, height), to: (newWidth, newHeight), window: window)
            return Picture(
                width: window.columns.count, height: window.rows.count, inks: resize(inks, channels: 4))
        }
    }

    /// Red, green and blue of what surrounds the picture when its file's numbers are continued with `level`: a place of its
    /// palette, a bit, an amount of every ink, or a grey.
    package func surroundings(_ level: UInt8) -> [UInt8] {
        switch storage {
        case .colours, .alpha: return [level, level, level]
        case .bits: return Array(repeating: level == 0 ? 0 : 255, count: 3)
        case .indexed(let palette):
            let place = Int(level) * 3
            return place + 3 <= palette.count ? Array(palette[place..<place + 3]) : [0, 0, 0]
        case .inks: return Picture(width: 1, height: 1, inks: Array(repeating: level, count: 4)).pixels
        }
    }

    /// A printed picture as Pillow shows it; `inks` are cyan, magenta, yellow and black, 0 for none.
    init(width: Int, height: Int, inks: [UInt8]) {
        let light = inks.map { ~$0 }
        self.init(width: width, height: height) { rgb in
            light.withUnsafeBufferPointer { light in
                guard let from = light.baseAddress, let to = rgb.baseAddress else { return }
                ck_inverted_cmyk_to_rgb(from, width * height, to)
            }
        }
    }

    /// a · b / 255, rounded as Pillow rounds it.
    private static func product(_ a: UInt8, _ b: UInt8) -> UInt8 {
        let scaled = Int(a) * Int(b) + 128
        return UInt8(((scaled >> 8) + scaled) >> 8)
    }
}
