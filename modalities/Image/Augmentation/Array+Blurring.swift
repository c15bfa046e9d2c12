internal import Foundation

extension [Float] {
    /// A picture, [H, W, C], blurred by a Gaussian; its edge pixels go on beyond it.
    func blurred(_ shape: (height: Int, width: Int, channels: Int), sigma: Float) -> [Float] {
        let radius = Swift.min(Int((3 * sigma).rounded(.up)), Swift.max(shape.height, shape.width))
        let weights = (-radius...radius).map { exp(-Float($0 * $0) / (2 * sigma * sigma)) }
        let sum = weights.reduce(0, +)
        let kernel = weights.map { $0 / sum }
        func pass(_ pixels: [Float], count: Int, stride: Int) -> [Float] {
            [Float](unsafeUninitializedCapacity: pixels.count) { target, initialized in
                for place in pixels.indices {
                    let at = place / stride % count
                    var value: Float = 0
                    for (index, weight) in kernel.enumerated() {
                        let other = Swift.min(Swift.max(at + index - radius, 0), count - 1)
                        value += weight * pixels[place + (other - at) * stride]
                    }
                    target[place] = value
                }
                initialized = pixels.count
            }
        }
        let rows = pass(self, count: shape.width, stride: shape.channels)
        return pass(rows, count: shape.height, stride: shape.channels * shape.width)
    }
}
