internal import CKernels

/// The instruction sets that the micro-kernels know.
public enum Instructions: String, Sendable, CaseIterable {
    case base, avx2, avx512

    /// The widest that the machine has and `limit()` left.
    public static var current: Instructions { [.base, .avx2, .avx512][Int(ck_isa())] }

    /// Keeps the micro-kernels that this thread starts to this set and narrower ones, to test and measure what other
    /// machines run.
    public func limit() {
        switch self {
        case .base: ck_limit_isa(0)
        case .avx2: ck_limit_isa(1)
        case .avx512: ck_limit_isa(2)
        }
    }
}
