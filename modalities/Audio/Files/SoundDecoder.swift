import CSndfile
import Foundation

/// One pass of libsndfile over a source, from wherever it was last moved to.
final class SoundDecoder {
    let source: ByteSource
    let rate: Double
    let channels: Int
    /// Frames that the header promises; nil when it does not say, or only guesses (MP3).
    let promised: Int?
    /// Frames as far as the format can tell, for showing.
    let estimate: Int
    private let isMPEG: Bool
    private let handle: OpaquePointer
    /// Keeps the callbacks' context alive as long as the handle.
    private let cursor: Cursor

    init(_ source: ByteSource) throws(AudioError) {
        let cursor = Cursor(source)
        var info = SF_INFO()
        // libsndfile says why opening failed through memory of the whole process.
        SoundDecoder.opening.lock()
        defer { SoundDecoder.opening.unlock() }
        guard let handle = open(cursor, &info) else {
            throw AudioError(source.name, .notAudio(reason: String(cString: sf_strerror(nil)).clause))
        }
        self.handle = handle
        self.source = source
        self.cursor = cursor
        rate = Double(info.samplerate)
        channels = Int(info.channels)
        let isKnown = info.frames >= 0 && info.frames < Int64.max / 2
        isMPEG = Int(info.format) & Int(SF_FORMAT_TYPEMASK) == Int(SF_FORMAT_MPEG)
        promised = isKnown && !isMPEG ? Int(info.frames) : nil
        estimate = isKnown ? Int(info.frames) : 0
        guard Waveform.rates.contains(rate) else { throw AudioError(source.name, .rate(rate)) }
        guard channels > 0 else { throw AudioError(source.name, .noSamples) }
    }

    deinit { sf_close(handle) }

    /// Moves to a frame; false when the format cannot.
    ///
    /// MP3 never does: its frames lean on those before them, and places found by guessing are off.
    func move(to frame: Int) -> Bool {
        !isMPEG && sf_seek(handle, sf_count_t(frame), SEEK_SET) == sf_count_t(frame)
    }

    /// Decodes up to `frames` interleaved frames and returns how many; 0 at the end.
    func read(_ frames: Int, into target: UnsafeMutablePointer<Float>) -> Int {
        max(Int(sf_readf_float(handle, target, sf_count_t(frames))), 0)
    }

    /// What the codec complained about since it was opened.
    var complaint: String? {
        sf_error(handle) == Int32(SF_ERR_NO_ERROR) ? nil : String(cString: sf_strerror(handle)).clause
    }

    private static let opening = NSLock()
}

private func open(_ cursor: Cursor, _ info: inout SF_INFO) -> OpaquePointer? {
    var io = SF_VIRTUAL_IO(
        get_filelen: { sf_count_t(Cursor.from($0)?.source.count ?? 0) },
        seek: { offset, whence, context in sf_count_t(Cursor.from(context)?.move(Int(offset), whence) ?? -1) },
        read: { target, count, context in sf_count_t(Cursor.from(context)?.read(Int(count), into: target) ?? 0) },
        write: nil,
        tell: { sf_count_t(Cursor.from($0)?.position ?? 0) })
    return sf_open_virtual(&io, Int32(SFM_READ), &info, Unmanaged.passUnretained(cursor).toOpaque())
}

/// Where libsndfile stands in a source.
private final class Cursor {
    let source: ByteSource
    var position = 0

    init(_ source: ByteSource) { self.source = source }

    func move(_ offset: Int, _ whence: Int32) -> Int {
        let start =
            switch whence {
            case SEEK_CUR: position
            case SEEK_END: source.count
            default: 0
            }
        // Codecs follow offsets that a damaged file names: keep them inside.
        let (target, overflow) = start.addingReportingOverflow(offset)
        guard !overflow, target >= 0 else { return -1 }
        position = target
        return position
    }

    func read(_ wanted: Int, into target: UnsafeMutableRawPointer?) -> Int {
        guard let target, wanted > 0 else { return 0 }
        let count = source.read(at: position, wanted, into: target)
        position += count
        return count
    }

    static func from(_ context: UnsafeMutableRawPointer?) -> Cursor? {
        context.map { Unmanaged<Cursor>.fromOpaque($0).takeUnretainedValue() }
    }
}

extension String {
    /// A library's message as a clause inside a sentence.
    fileprivate var clause: String {
        var text = trimmingCharacters(in: .whitespacesAndNewlines)
        while text.last == "." { text.removeLast() }
        return text
    }
}
