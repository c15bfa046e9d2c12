public import BinderyTensors
import Foundation

/// Rotary positions (Su and others 2021) over a grid, as EVA-02 has them: neighbouring numbers of a head are turned by
/// angles that grow with the row, in the head's first half, and with the column, in its second.
public struct Rotary: Sendable {
    /// [T, d].
    let cosines: Tensor
    /// [T, d].
    let sines: Tensor
    /// What swaps the two numbers of every pair and negates the first: [d, d].
    let quarterTurn: Tensor

    /// Angles for `first` rows that are not turned, then the places of a grid, which counts as `reference` places a side
    /// whatever its size; `width` is that of a head, a multiple of 4.
    public init(
        grid: (height: Int, width: Int), reference: (height: Int, width: Int), first: Int, head width: Int,
        base: Double = 10_000
    ) {
        precondition(width % 4 == 0 && width > 0, "rotary: heads of \(width) numbers")
        let bands = (0..<width / 4).map { pow(base, -Double($0) / Double(width / 4)) }
        var angles = [Double](repeating: 0, count: first * width)
        for row in 0..<grid.height {
            let down = Double(row) / Double(grid.height) * Double(reference.height)
            for column in 0..<grid.width {
                let across = Double(column) / Double(grid.width) * Double(reference.width)
                for place in [down, across] { angles += bands.flatMap { [place * $0, place * $0] } }
            }
        }
        let shape = [first + grid.height * grid.width, width]
        cosines = Tensor(angles.map { Float(cos($0)) }, shape)
        sines = Tensor(angles.map { Float(sin($0)) }, shape)
        quarterTurn = Tensor(shape: [width, width]) { target in
            target.update(repeating: 0)
            for pair in stride(from: 0, to: width, by: 2) {
                target[(pair + 1) * width + pair] = -1
                target[pair * width + pair + 1] = 1
            }
        }
    }

    /// [B, heads, T, d] to the same shape.
    public func callAsFunction(_ x: Tensor) -> Tensor { x * cosines + x.matmul(quarterTurn) * sines }
}
