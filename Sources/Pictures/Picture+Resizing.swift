import CKernels

/// A rectangle of pixels.
package struct Window: Hashable, Sendable {
    package var columns: Range<Int>
    package var rows: Range<Int>

    package init(columns: Range<Int>, rows: Range<Int>) {
        self.columns = columns
        self.rows = rows
    }
}

extension Picture {
    /// The picture at another size, pixel for pixel as `resize` of Pillow 13 makes it: antialiased along one axis and then
    /// the other, rounded to 8 bits after each; traps unless both sizes are positive.
    public func resized(width newWidth: Int, height newHeight: Int, by kernel: Resampling = .bicubic) -> Picture {
        precondition(newWidth > 0 && newHeight > 0, "resized: to \(newWidth) × \(newHeight)")
        return resized(
            width: newWidth, height: newHeight, by: kernel, window: Window(columns: 0..<newWidth, rows: 0..<newHeight))
    }

    /// The part `window` of the picture at another size; only that part is computed.
    package func resized(
        width newWidth: Int, height newHeight: Int, by kernel: Resampling, window: Window
    ) -> Picture {
        let pixels = Resize(kernel, from: (width, height), to: (newWidth, newHeight), window: window)(
            pixels, channels: 3)
        return Picture(width: window.columns.count, height: window.rows.count, pixels: pixels)
    }

    /// The part of the picture inside `window`.
    func cropped(to window: Window) -> Picture {
        guard window != Window(columns: 0..<width, rows: 0..<height) else { return self }
        return Picture(width: window.columns.count, height: window.rows.count) { target in
            pixels.withUnsafeBufferPointer { source in
                let bytes = window.columns.count * 3
                for (place, row) in window.rows.enumerated() {
                    guard let to = target.baseAddress, let from = source.baseAddress else { return }
                    (to + place * bytes).update(
                        from: from + (row * width + window.columns.lowerBound) * 3, count: bytes)
                }
            }
        }
    }
}

/// One resampling of 8-bit pixels, whatever their number of channels.
struct Resize {
    private let source: (width: Int, height: Int)
    private let window: Window
    private let horizontal: ResamplingAxis?
    private let vertical: ResamplingAxis?
    /// Whether rows come before columns: Pillow 13 does so when many more rows than columns go, earlier versions never.
    ///
    /// The order shows in the last bits only.
    private let isVerticalFirst: Bool

    init(
        _ kernel: Resampling, from source: (width: Int, height: Int), to target: (width: Int, height: Int),
        window: Window
    ) {
        self.source = source
        self.window = window
        func axis(_ inputs: Int, _ outputs: Int, _ window: Range<Int>) -> ResamplingAxis? {
            // An axis that keeps its size is not filtered at all, only cut.
            guard inputs != outputs || window != 0..<outputs else { return nil }
            return ResamplingAxis(inputs == outputs ? .nearest : kernel, from: inputs, to: outputs, window: window)
        }
        horizontal = axis(source.width, target.width, window.columns)
        vertical = axis(source.height, target.height, window.rows)
        let fewerRows = source.height - target.height
        isVerticalFirst = kernel != .nearest && fewerRows > max(2 * (source.width - target.width), 0)
    }

    /// [height, width, channels] to [window rows, window columns, channels].
    func callAsFunction(_ pixels: [UInt8], channels: Int) -> [UInt8] {
        guard horizontal != nil || vertical != nil else { return pixels }
        return [UInt8](count: window.columns.count * window.rows.count * channels) { target in
            let done = pixels.withUnsafeBufferPointer { pixels in
                bound(horizontal) { horizontal in
                    bound(vertical) { vertical in
                        guard let from = pixels.baseAddress, let to = target.baseAddress else { return false }
                        return ck_resample_u8(
                            from, source.width, source.height, channels, horizontal, vertical, isVerticalFirst, to)
                    }
                }
            }
            precondition(done, "out of memory: resizing \(source.width) × \(source.height)")
        }
    }

    private func bound<R>(_ axis: ResamplingAxis?, _ body: (UnsafePointer<ck_resample_axis>?) -> R) -> R {
        guard let axis else { return body(nil) }
        return axis.bound { body($0) }
    }
}
