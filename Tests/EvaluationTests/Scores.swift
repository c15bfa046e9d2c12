import BinderyTensors
import Foundation
import TestSupport

/// Numbers from −1 to 1 that look random, the same every time.
struct Numbers {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> Float {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Float(Int32(truncatingIfNeeded: state >> 33)) / Float(Int32.max / 2) - 1
    }

    mutating func next(below count: Int) -> Int { Int((next() + 1) / 2 * 1e6) % count }

    mutating func tensor(_ shape: Int...) -> Tensor {
        Tensor((0..<shape.reduce(1, *)).map { _ in next() }, shape)
    }

    mutating func labels(_ count: Int, below classes: Int) -> [Int] { (0..<count).map { _ in next(below: classes) } }
}

/// The rows of a matrix.
func rows(_ matrix: Tensor) -> [[Float]] {
    let (values, width) = (matrix.values, matrix.shape[1])
    return (0..<matrix.shape[0]).map { Array(values[$0 * width..<($0 + 1) * width]) }
}

func dot(_ a: [Float], _ b: [Float]) -> Float { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }

/// What scikit-learn found on small made data.
struct ScikitGolden: Decodable {
    let features: [Float]
    let labels: [Int]
    let test: [Float]
    let probabilities: [String: [Float]]
    let scores: [Float]
    let shown: [Int]
    let precisions: [Double]
    let areas: [Double]

    static func load() throws -> ScikitGolden {
        try JSONDecoder().decode(
            ScikitGolden.self, from: Data(contentsOf: Fixture.golden("evaluation/scikit.json")))
    }
}
