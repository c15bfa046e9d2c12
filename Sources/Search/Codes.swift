internal import BinderyTensors
internal import CKernels
internal import Foundation
internal import Synchronization

/// What an index looks at first: its rows in six bits for every number, with a proven bound on what that leaves open.
struct Codes: Sendable {
    private let rows: Int
    private let width: Int
    private let codes: Storage
    private let measures: Storage

    init(_ matrix: UnsafePointer<ck_rows>) {
        (rows, width) = (matrix.pointee.count, matrix.pointee.width)
        codes = Storage(count: (rows * ck_coded_width(width) + 3) / 4)
        measures = Storage(count: width + 3 * rows)
        read { ck_make_codes(matrix, $0) }
    }

    func read(_ body: (UnsafePointer<ck_codes>) -> Void) {
        withExtendedLifetime((codes, measures)) {
            let scales = measures.floats + width
            let bytes = UnsafeMutableRawPointer(codes.floats).assumingMemoryBound(to: UInt8.self)
            var parts = ck_codes(
                middle: measures.floats, codes: bytes, scales: scales, errors: scales + rows, norms: scales + 2 * rows)
            body(&parts)
        }
    }

    /// Codes that the first who asks for them makes.
    final class Later: Sendable {
        private let made = Mutex<Codes?>(nil)

        /// Nil where they would take much of the machine's memory.
        init?(_ rows: Int, _ width: Int) {
            let bytes = Double(rows) * Double(ck_coded_width(width))
            guard bytes <= Double(ProcessInfo.processInfo.physicalMemory) / 4 else { return nil }
        }

        func codes(of matrix: UnsafePointer<ck_rows>) -> Codes {
            made.withLock { made in
                let codes = made ?? Codes(matrix)
                made = codes
                return codes
            }
        }
    }
}
