internal import CZlib

/// Files as they are published: plain, or packed by gzip.
enum Gzip {
    /// The bytes of a file, unpacked when they begin as gzip files do; more than `limit` of them are refused.
    static func plain(_ file: [UInt8], name: String, limit: Int) throws(TokenizerError) -> [UInt8] {
        guard file.count > 2, file[0] == 0x1F, file[1] == 0x8B else { return file }
        var stream = z_stream()
        let version = zlibVersion()
        guard inflateInit2_(&stream, 15 + 16, version, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            throw .malformed(file: name, what: "zlib does not start", offset: 0)
        }
        defer { inflateEnd(&stream) }
        var input = file
        var result: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        let status: Int32 = input.withUnsafeMutableBufferPointer { input in
            stream.next_in = input.baseAddress
            stream.avail_in = UInt32(clamping: input.count)
            var status = Z_OK
            while status == Z_OK, result.count <= limit {
                buffer.withUnsafeMutableBufferPointer { buffer in
                    stream.next_out = buffer.baseAddress
                    stream.avail_out = UInt32(buffer.count)
                    status = inflate(&stream, Z_NO_FLUSH)
                    result.append(contentsOf: buffer[..<(buffer.count - Int(stream.avail_out))])
                }
            }
            return status
        }
        guard result.count <= limit else { throw .tooLarge(file: name, bytes: result.count, limit: limit) }
        guard status == Z_STREAM_END else {
            throw .malformed(file: name, what: "not a whole gzip file", offset: Int(stream.total_in))
        }
        return result
    }
}
