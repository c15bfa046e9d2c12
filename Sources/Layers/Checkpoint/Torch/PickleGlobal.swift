/// The number type of a torch storage, also of those that Bindery does not read.
struct TorchStorageKind: Equatable {
    let name: String
    let bytes: Int
    let dtype: Checkpoint.DType?

    /// The classes `torch.FloatStorage` …, by what stands before `Storage`.
    init?(storage name: String) {
        let known: [String: (Int, Checkpoint.DType?)] = [
            "Double": (8, .f64), "Float": (4, .f32), "Half": (2, .f16), "BFloat16": (2, .bf16), "Long": (8, .i64),
            "Int": (4, .i32), "Short": (2, .i16), "Char": (1, .i8), "Byte": (1, .u8), "Bool": (1, .bool),
            "Untyped": (1, .u8), "ComplexFloat": (8, nil), "ComplexDouble": (16, nil), "QInt8": (1, nil),
            "QUInt8": (1, nil), "QInt32": (4, nil), "QUInt4x2": (1, nil), "QUInt2x4": (1, nil),
        ]
        guard name.hasSuffix("Storage"), let (bytes, dtype) = known[String(name.dropLast(7))] else { return nil }
        (self.name, self.bytes, self.dtype) = (name, bytes, dtype)
    }

    /// The objects `torch.float32` …; sizes of types that are not read do not matter.
    init?(type name: String) {
        let known: [String: Checkpoint.DType?] = [
            "float64": .f64, "float32": .f32, "float16": .f16, "bfloat16": .bf16, "int64": .i64, "int32": .i32,
            "int16": .i16, "int8": .i8, "uint8": .u8, "bool": .bool, "uint16": nil, "uint32": nil, "uint64": nil,
            "complex32": nil, "complex64": nil, "complex128": nil, "float8_e4m3fn": nil, "float8_e5m2": nil,
            "float8_e4m3fnuz": nil, "float8_e5m2fnuz": nil, "float8_e8m0fnu": nil, "qint8": nil, "quint8": nil,
            "qint32": nil,
        ]
        guard let dtype = known[name] else { return nil }
        (self.name, bytes, self.dtype) = (name, dtype?.bytes ?? 1, dtype)
    }
}

/// What a name in a pickle means here.
///
/// Nothing is ever imported or called: a handful of names have a meaning for weights, those that training runs leave
/// beside weights are kept as opaque values, and any other name is refused.
enum PickleGlobal {
    case dictionary, passThrough, rebuildTensor, rebuildTypedTensor, rebuildParameter, opaque
    case storage(TorchStorageKind)
    case type(TorchStorageKind)
    /// A class compiled into a TorchScript archive.
    case scriptClass

    init?(module: String, name: String) {
        switch (module, name) {
        case ("collections", "OrderedDict"), ("collections", "defaultdict"), ("collections", "Counter"),
            ("builtins", "dict"), ("__builtin__", "dict"):
            self = .dictionary
        case ("torch", "Size"), ("torch.jit._pickle", _): self = .passThrough
        case ("torch._utils", "_rebuild_tensor"), ("torch._utils", "_rebuild_tensor_v2"): self = .rebuildTensor
        case ("torch._utils", "_rebuild_tensor_v3"): self = .rebuildTypedTensor
        case ("torch._utils", "_rebuild_parameter"), ("torch._utils", "_rebuild_parameter_with_state"):
            self = .rebuildParameter
        case ("torch", _), ("torch.cuda", _), ("torch.storage", _):
            if let kind = TorchStorageKind(storage: name) {
                self = .storage(kind)
            } else if module == "torch", let kind = TorchStorageKind(type: name) {
                self = .type(kind)
            } else if module == "torch", PickleGlobal.inert["torch"]?.contains(name) == true {
                self = .opaque
            } else {
                return nil
            }
        case _ where module == "__torch__" || module.hasPrefix("__torch__."): self = .scriptClass
        case _ where PickleGlobal.isInert(module, name): self = .opaque
        default: return nil
        }
    }

    /// Names without any effect that are found beside weights.
    private static let inert: [String: Set<String>] = [
        "_codecs": ["encode"],
        "argparse": ["Namespace"],
        "builtins": [
            "object", "set", "frozenset", "complex", "slice", "bytearray", "list", "tuple", "int", "float", "str",
            "bytes", "bool",
        ],
        "__builtin__": [
            "object", "set", "frozenset", "complex", "slice", "bytearray", "list", "tuple", "int", "float", "str",
            "unicode", "bool",
        ],
        "collections": ["deque"],
        "copy_reg": ["_reconstructor"],
        "copyreg": ["_reconstructor"],
        "datetime": ["date", "datetime", "time", "timedelta", "timezone"],
        "easydict": ["EasyDict"],
        "pathlib": ["Path", "PosixPath", "WindowsPath", "PurePath", "PurePosixPath", "PureWindowsPath"],
        "pathlib._local": ["Path", "PosixPath", "WindowsPath", "PurePath", "PurePosixPath", "PureWindowsPath"],
        "torch": [
            "device", "Generator", "strided", "sparse_coo", "contiguous_format", "channels_last", "preserve_format",
        ],
        "torch._utils": ["_rebuild_qtensor", "_rebuild_sparse_tensor", "_rebuild_device_tensor_from_numpy"],
        "torch.serialization": ["_get_layout"],
        "typing": ["Any", "Dict", "List", "Union", "Optional", "Tuple"],
        "types": ["SimpleNamespace"],
        "uuid": ["UUID", "SafeUUID"],
        "yacs.config": ["CfgNode"],
    ]

    /// Packages whose objects are data: arrays, configurations, optimisers and the state of training loops.
    private static let inertPackages = [
        "lightning", "lightning_fabric", "ml_collections", "numpy", "omegaconf", "pytorch_lightning", "torch.optim",
        "torch.cuda.amp", "torch.amp",
    ]

    private static func isInert(_ module: String, _ name: String) -> Bool {
        inert[module]?.contains(name) == true
            || inertPackages.contains { module == $0 || module.hasPrefix($0 + ".") }
    }
}
