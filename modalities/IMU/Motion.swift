import BinderyBinding
import BinderyLayers
import BinderyTensors
import Foundation

/// A recording of motion: six channels, the accelerometer's x, y, z and then the gyroscope's.
struct Motion: Sendable {
    /// Samples per channel, all of one length.
    var channels: [[Float]]
    /// Samples per second; nil where the file does not say.
    var rate: Double?

    /// How many channels a recording has.
    static let width = 6
    /// The most samples per channel.
    static let mostSamples = 1 << 26

    var count: Int { channels.first?.count ?? 0 }

    /// Reads the recording that an item is; throws `MotionError`.
    init(_ item: Item) throws {
        switch item.source {
        case .file(let url) where url.pathExtension.lowercased() == "npy":
            try self.init(NumpyFile(contentsOf: url).tensor(), source: item.name)
        case .row(let url, let row): try self.init(NumpyFile(contentsOf: url).row(row), source: item.name)
        case .file(let url):
            let size = (try? url.resourceValues(forKeys: [.fileSizeKey]))?.fileSize
            guard let size, let table = size <= MotionTable.mostBytes ? try? Data(contentsOf: url) : Data() else {
                throw MotionError.unreadable(item.name)
            }
            guard size <= MotionTable.mostBytes else { throw MotionError.tooLong(item.name) }
            self = try MotionTable(table, source: item.name).motion()
        case .bytes(let data): self = try MotionTable(data, source: item.name).motion()
        case .text, .samples: throw MotionError.noMotion(item.name)
        }
        guard channels.allSatisfy({ $0.allSatisfy(\.isFinite) }) else { throw MotionError.notFinite(item.name) }
        guard count > 0 else { throw MotionError.empty(item.name) }
        guard count <= Motion.mostSamples else { throw MotionError.tooLong(item.name) }
    }

    init(channels: [[Float]], rate: Double?) {
        self.channels = channels
        self.rate = rate
    }

    /// [6, samples], or [samples, 6] where that is the only way round.
    private init(_ array: Tensor, source: String) throws {
        let shape = Array(array.shape.drop { $0 == 1 })
        guard shape.count == 2, shape[0] == Motion.width || shape[1] == Motion.width else {
            throw MotionError.shape(source, array.shape)
        }
        let rows = shape[0] == Motion.width ? array.reshaped(shape) : array.reshaped(shape).transposed()
        let values = rows.values
        let count = values.count / Motion.width
        channels = (0..<Motion.width).map { Array(values[$0 * count..<($0 + 1) * count]) }
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

    /// The samples of a range as [6, length]; silence follows where there are fewer.
    func window(_ range: Range<Int>, length: Int) -> Tensor {
        Tensor(shape: [Motion.width, length]) { target in
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
    case shape(String, [Int])
    case columns(String, Int)
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
        case .shape(let source, let shape):
            "\(source) has the shape \(shape) where a recording is [6, samples]; for one of several write #0 after the name"
        case .columns(let source, let count):
            """
            \(source) has \(count) columns of numbers where a recording has six: accelerometer x y z in m/s², gyroscope \
            x y z in rad/s, and a column of time where there is one
            """
        case .cell(let source, let line, let cell): "\(source), line \(line): \"\(cell)\" is not a number"
        case .time(let source, let line): "\(source), line \(line): time must rise from line to line; sort the file"
        case .range(let source): "\(source) has no samples in the range of time that is asked for"
        }
    }
}
