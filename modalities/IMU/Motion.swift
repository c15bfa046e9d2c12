import BinderyBinding
import BinderyLayers
import BinderyTensors
import Foundation

/// A recording of motion: channels over time, usually six, the accelerometer's x, y, z and then the gyroscope's.
struct Motion: Sendable {
    /// Samples per channel, all of one length.
    var channels: [[Float]]
    /// Samples per second; nil where the file does not say.
    var rate: Double?

    /// How many channels a recording has unless an encoder says otherwise.
    static let width = 6
    /// The most samples per channel.
    static let mostSamples = 1 << 26

    var count: Int { channels.first?.count ?? 0 }

    /// Reads the recording that an item is; throws `MotionError`.
    init(_ item: Item, width: Int = Motion.width) throws {
        switch item.source {
        case .file(let url) where url.pathExtension.lowercased() == "npy":
            try self.init(NumpyFile(contentsOf: url).tensor(), width, source: item.name)
        case .row(let url, let row): try self.init(NumpyFile(contentsOf: url).row(row), width, source: item.name)
        case .file(let url):
            let size = (try? url.resourceValues(forKeys: [.fileSizeKey]))?.fileSize
            guard let size, let table = size <= MotionTable.mostBytes ? try? Data(contentsOf: url) : Data() else {
                throw MotionError.unreadable(item.name)
            }
            guard size <= MotionTable.mostBytes else { throw MotionError.tooLong(item.name) }
            self = try MotionTable(table, source: item.name).motion(width)
        case .bytes(let data): self = try MotionTable(data, source: item.name).motion(width)
        case .text, .samples, .joined: throw MotionError.noMotion(item.name)
        }
        guard channels.allSatisfy({ $0.allSatisfy(\.isFinite) }) else { throw MotionError.notFinite(item.name) }
        guard count > 0 else { throw MotionError.empty(item.name) }
        guard count <= Motion.mostSamples else { throw MotionError.tooLong(item.name) }
    }

    init(channels: [[Float]], rate: Double?) {
        self.channels = channels
        self.rate = rate
    }

    /// [width, samples], or [samples, width] where that is the only way round.
    private init(_ array: Tensor, _ width: Int, source: String) throws {
        let shape = Array(array.shape.drop { $0 == 1 })
        guard shape.count == 2, shape[0] == width || shape[1] == width else {
            throw MotionError.shape(source, array.shape, width)
        }
        let rows = shape[0] == width ? array.reshaped(shape) : array.reshaped(shape).transposed()
        let values = rows.values
        let count = values.count / width
        channels = (0..<width).map { Array(values[$0 * count..<($0 + 1) * count]) }
        rate = nil
    }

    /// The same motion at another rate, by straight lines between samples.
    func resampled(from: Double, to: Double) -> Motion {
        guard from != to, count > 1 else { return self }
        let length = max(Int((Double(count) * to / from).rounded()), 1)
        let made = channels.map { channel in
            (0..<length).map { index in
                let place = min(Double(index) * from / to, Double(count - 1))
                let left = min(Int(place), count - 2)
                let share = Float(place - Double(left))
                return channel[left] * (1 - share) + channel[left + 1] * share
            }
        }
        return Motion(channels: made, rate: to)
    }

    /// The clips of the part of this motion that `item` means: windows of so many samples side by side, the last of which
    /// ends with the part.
    func windows(
        of samples: Int, rate: Double, of item: Item, _ clip: (Tensor) -> Tensor = { $0 }
    ) throws -> Clips<Tensor> {
        let bounds = try part(of: item, rate: rate)
        var starts = Array(stride(from: bounds.lowerBound, through: bounds.upperBound - samples, by: samples))
        // A rest of a fiftieth of a window is no window.
        if let last = starts.last, bounds.upperBound - last - samples > samples / 50 {
            starts.append(bounds.upperBound - samples)
        }
        if starts.isEmpty { starts = [bounds.lowerBound] }
        return Clips(
            starts.map { start in
                let end = min(start + samples, bounds.upperBound)
                return Clips.Piece(
                    clip(window(start..<end, length: samples)), range: Double(start) / rate..<Double(end) / rate)
            })
    }

    /// The samples that an item's range covers.
    private func part(of item: Item, rate: Double) throws -> Range<Int> {
        guard let range = item.range else { return 0..<count }
        let (start, end) = (range.lowerBound * rate, range.upperBound * rate)
        guard start >= 0, start < Double(count), end > start else { throw MotionError.range(item.name) }
        let first = Int(start)
        return first..<max(Int(min(end, Double(count))), first + 1)
    }

    /// The samples of a range as [channels, length]; silence follows where there are fewer.
    private func window(_ range: Range<Int>, length: Int) -> Tensor {
        Tensor(shape: [channels.count, length]) { target in
            target.update(repeating: 0)
            for (row, channel) in channels.enumerated() {
                for (column, index) in range.enumerated() { target[row * length + column] = channel[index] }
            }
        }
    }
}

/// Why a recording of motion cannot be used.
enum MotionError: Error, CustomStringConvertible {
    case unreadable(String)
    case noMotion(String)
    case empty(String)
    case tooLong(String)
    case notFinite(String)
    case shape(String, [Int], Int)
    case columns(String, Int, Int)
    case cells(String, line: Int, Int)
    case cell(String, line: Int, String)
    case time(String, line: Int)
    case range(String)

    var description: String {
        switch self {
        case .unreadable(let source): "\(source) cannot be read; check the path and its permissions"
        case .noMotion(let source): "\(source) is no recording of motion; give a .csv or .npy file"
        case .empty(let source): "\(source) holds no samples; check that it was written whole"
        case .tooLong(let source): "\(source) is longer than is read at once; cut it into parts"
        case .notFinite(let source): "\(source) holds a number that is not finite; clean or cut it"
        case .shape(let source, let shape, let width):
            """
            \(source) has the shape \(shape) where a recording is [\(width), samples]; for one of several write #0 after \
            the name
            """
        case .columns(let source, let count, Motion.width):
            """
            \(source) has \(count) columns of numbers where a recording has six: accelerometer x y z in m/s², gyroscope \
            x y z in rad/s, and a column of time where there is one
            """
        case .columns(let source, let count, let width):
            "\(source) has \(count) columns of numbers where this encoder takes \(width), and one of time where there is one"
        case .cells(let source, let line, let count):
            "\(source), line \(line): it has \(count) cells, other than the lines before or more than 64"
        case .cell(let source, let line, let cell): "\(source), line \(line): \"\(cell)\" is not a number"
        case .time(let source, let line): "\(source), line \(line): time must rise from line to line; sort the file"
        case .range(let source): "\(source) has no samples in the range of time that is asked for"
        }
    }
}
