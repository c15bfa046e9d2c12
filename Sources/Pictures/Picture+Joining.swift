extension Picture {
    /// Pictures of one height side by side, from the left; throws, naming `source`, when their heights differ or they
    /// have more pixels than pictures may have.
    package init(sideBySide pictures: [Picture], source: String) throws(PictureError) {
        let height = pictures.first?.height ?? 0
        let width = pictures.reduce(0) { $0 + $1.width }
        guard height > 0, pictures.allSatisfy({ $0.height == height }) else {
            let heights = pictures.map { "\($0.height)" }.joined(separator: ", ")
            throw .unreadable(
                source: source, reason: "pictures side by side must be equally high, these have \(heights) rows")
        }
        guard width <= PictureReader.usualPixelLimit / height else {
            throw .tooLarge(source: source, width: width, height: height, limit: PictureReader.usualPixelLimit)
        }
        self.init(width: width, height: height) { target in
            var left = 0
            for picture in pictures {
                let length = picture.width * 3
                picture.pixels.withUnsafeBufferPointer { pixels in
                    for row in 0..<height {
                        let to = row * width * 3 + left
                        for place in 0..<length { target[to + place] = pixels[row * length + place] }
                    }
                }
                left += length
            }
        }
    }
}
