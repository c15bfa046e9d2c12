internal import CKernels

extension Checkpoint {
    /// How the numbers of a stored tensor are written; the raw values are the words of safetensors headers.
    public enum DType: String, Sendable, CaseIterable, Codable {
        case f64 = "F64"
        case f32 = "F32"
        case f16 = "F16"
        case bf16 = "BF16"
        case i64 = "I64"
        case i32 = "I32"
        case i16 = "I16"
        case i8 = "I8"
        case u8 = "U8"
        case bool = "BOOL"

        /// Bytes per number.
        public var bytes: Int {
            switch self {
            case .f64, .i64: 8
            case .f32, .i32: 4
            case .f16, .bf16, .i16: 2
            case .i8, .u8, .bool: 1
            }
        }

        /// Whether the numbers are floating point.
        public var isFloatingPoint: Bool {
            switch self {
            case .f64, .f32, .f16, .bf16: true
            case .i64, .i32, .i16, .i8, .u8, .bool: false
            }
        }

        var kernel: ck_type {
            switch self {
            case .f64: ck_f64
            case .f32: ck_f32
            case .f16: ck_f16
            case .bf16: ck_bf16
            case .i64: ck_i64
            case .i32: ck_i32
            case .i16: ck_i16
            case .i8: ck_i8
            case .u8: ck_u8
            case .bool: ck_bool
            }
        }
    }
}
