public import BinderyTensors
import CKernels

/// How a picture becomes a square: its shorter side is brought to `side` pixels, and a part of the longer one is taken,
/// as torchvision's resize and centre crop do.
public struct SquareView: Hashable, Sendable {
    /// Which part of the longer side.
    public enum Part: Hashable, Sendable, CaseIterable {
        case start
        case middle
        case end
    }

    /// Pixels a side.
    public var side: Int
    /// Which part of the longer side.
    public var part: Part
    /// The kernel of the resize.
    public var kernel: Resampling

    /// The middle of a picture whose shorter side is `side` pixels; traps unless it is positive.
    public init(side: Int, part: Part = .middle, kernel: Resampling = .bicubic) {
        precondition(side > 0, "SquareView: \(side) pixels a side")
        self.side = side
        self.part = part
        self.kernel = kernel
    }

    /// The size after the resize, and the part of it that is taken.
    func place(width: Int, height: Int) -> (width: Int, height: Int, window: Window) {
        let long = max(side * max(width, height) / min(width, height), side)
        let offset =
            switch part {
            case .start: 0
            case .middle: Int((Double(long - side) / 2).rounded(.toNearestOrEven))
            case .end: long - side
            }
        return width <= height
            ? (side, long, Window(columns: 0..<side, rows: offset..<offset + side))
            : (long, side, Window(columns: offset..<offset + side, rows: 0..<side))
    }
}

extension Picture {
    /// The square that `view` shows.
    public func square(_ view: SquareView) -> Picture {
        let place = view.place(width: width, height: height)
        return resized(width: place.width, height: place.height, by: view.kernel, window: place.window)
    }

    /// Red, green and blue between 0 and 1, less `mean` and divided by `deviation`: [height, width, 3].
    public func normalised(mean: [Double], deviation: [Double]) -> Tensor {
        precondition(mean.count == 3 && deviation.count == 3, "normalised: red, green, blue")
        let table = (0..<3 * 256).map { index -> Float in
            let (channel, value) = (index / 256, Double(index % 256) / 255)
            return Float((value - mean[channel]) / deviation[channel])
        }
        return Tensor(shape: [height, width, 3]) { target in
            guard let target = target.baseAddress else { return }
            ck_look_up_u8(pixels, width * height, 3, table, target)
        }
    }
}

extension Picture {
    /// The mean of red, green and blue that CLIP and ImageBind subtract (Radford and others 2021, the released code).
    public static let clipMean = [0.48145466, 0.4578275, 0.40821073]
    /// What they divide by.
    public static let clipDeviation = [0.26862954, 0.26130258, 0.27577711]
}

extension GreyPicture {
    /// The square that `view` shows of the 8-bit values, between 0 and 1: [side, side].
    public func square(_ view: SquareView) -> Tensor {
        let place = view.place(width: width, height: height)
        let resize = Resize(
            view.kernel, from: (width, height), to: (place.width, place.height), window: place.window)
        return Tensor(resize(bytes, channels: 1).map { Float($0) / 255 }, [view.side, view.side])
    }
}

/// One channel of numbers without bounds: metres, kelvin.
public struct Plane: Sendable {
    /// [height, width].
    public let values: Tensor

    /// A plane of numbers, [height, width]; traps unless it has two axes and a number.
    public init(_ values: Tensor) {
        precondition(values.rank == 2 && values.count > 0, "Plane: shape \(values.shape)")
        self.values = values
    }

    /// The square that `view` shows, [side, side].
    public func square(_ view: SquareView) -> Tensor {
        let (height, width) = (values.shape[0], values.shape[1])
        let place = view.place(width: width, height: height)
        let rows = Plane.matrix(view.kernel, from: height, to: place.height, window: place.window.rows)
        let columns = Plane.matrix(view.kernel, from: width, to: place.width, window: place.window.columns)
        return rows.matmul(values).matmul(transposed: columns)
    }

    /// What turns one axis into another of other length: [window, inputs].
    private static func matrix(_ kernel: Resampling, from inputs: Int, to outputs: Int, window: Range<Int>) -> Tensor {
        let kernel = inputs == outputs ? .nearest : kernel
        let axis = ResamplingAxis(kernel, from: inputs, to: outputs, window: window)
        return Tensor(shape: [window.count, inputs]) { target in
            target.update(repeating: 0)
            for output in axis.starts.indices {
                for tap in 0..<Int(axis.counts[output]) {
                    target[output * inputs + Int(axis.starts[output]) + tap] =
                        Float(axis.weights[output * axis.taps + tap]) / Float(1 << 22)
                }
            }
        }
    }
}
