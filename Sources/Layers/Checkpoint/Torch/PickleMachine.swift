/// Runs the instructions of one pickle and builds values; it has no means to call, import or open anything.
///
/// What it allocates is bounded by the pickle's own length and by `most`.
struct PickleMachine {
    typealias Problem = CheckpointError.Problem

    private let bytes: UnsafeRawBufferPointer
    /// Where the next instruction lies; after `run`, just behind the pickle.
    private(set) var position: Int
    private var start = 0
    private var stack: [PickleValue] = []
    private var marks: [Int] = []
    private var memo: [Int: PickleValue] = [:]
    var heap = PickleHeap()

    /// The most values on the stack, in the memo and on the heap.
    static let most = 1 << 22

    init(_ bytes: UnsafeRawBufferPointer, at position: Int = 0) {
        self.bytes = bytes
        self.position = position
    }

    /// A complaint about the instruction that is being run.
    func wrong(_ reason: String) -> Problem { .pickle(reason, at: start) }

    /// Runs up to the end of the pickle; its value.
    mutating func run() throws(Problem) -> PickleValue {
        while true {
            start = position
            let code: UInt8 = try number()
            guard let opcode = PickleOpcode(rawValue: code) else {
                throw wrong("uses the instruction 0x\(String(code, radix: 16)), which no weights need,")
            }
            if opcode == .stop { return try pop() }
            try step(opcode)
            guard max(stack.count, marks.count, memo.count, heap.count) <= PickleMachine.most else {
                throw wrong("builds more than \(PickleMachine.most) values")
            }
        }
    }

    private mutating func step(_ opcode: PickleOpcode) throws(Problem) {
        switch opcode {
        case .stop: break
        case .proto:
            let version: UInt8 = try number()
            guard (2...5).contains(version) else { throw wrong("has the protocol \(version)") }
        case .frame: _ = try number() as UInt64
        case .mark: marks.append(stack.count)
        case .pop: if marks.last == stack.count { marks.removeLast() } else { _ = try pop() }
        case .popMark: _ = try popToMark()
        case .dup: try push(top())
        case .none: push(.none)
        case .newTrue: push(.bool(true))
        case .newFalse: push(.bool(false))
        case .binInt: push(.int(Int(try number() as Int32)))
        case .binInt1: push(.int(Int(try number() as UInt8)))
        case .binInt2: push(.int(Int(try number() as UInt16)))
        case .long1: try push(long(Int(number() as UInt8)))
        case .long4: try push(long(length(Int(number() as Int32))))
        case .binFloat: try skip(8)
        case .binUnicode: try push(text(Int(number() as UInt32)))
        case .shortBinUnicode, .shortBinString: try push(text(Int(number() as UInt8)))
        case .binUnicode8: try push(text(length(number() as UInt64)))
        case .binString: try push(text(length(number() as Int32)))
        case .binBytes: try skip(Int(number() as UInt32))
        case .shortBinBytes: try skip(Int(number() as UInt8))
        case .binBytes8, .byteArray8: try skip(length(number() as UInt64))
        case .emptyTuple, .emptyList: push(heap.sequence([]))
        case .tuple, .list: try push(heap.sequence(popToMark()))
        case .tuple1: try push(heap.sequence(pop(1)))
        case .tuple2: try push(heap.sequence(pop(2)))
        case .tuple3: try push(heap.sequence(pop(3)))
        case .append: try append(pop(1))
        case .appends: try append(popToMark())
        case .emptyDict: push(heap.dictionary())
        case .dict:
            let items = try popToMark()
            push(heap.dictionary())
            try setItems(items)
        case .setItem: try setItems(pop(2))
        case .setItems: try setItems(popToMark())
        case .emptySet: push(.opaque)
        case .addItems: _ = try popToMark()
        case .frozenSet:
            _ = try popToMark()
            push(.opaque)
        case .binPut: memo[Int(try number() as UInt8)] = try top()
        case .longBinPut: memo[Int(try number() as UInt32)] = try top()
        case .memoize: memo[memo.count] = try top()
        case .binGet: try push(remembered(Int(number() as UInt8)))
        case .longBinGet: try push(remembered(Int(number() as UInt32)))
        case .global: try push(global(module: line(), name: line()))
        case .stackGlobal:
            guard case .text(let name) = try pop(), case .text(let module) = try pop() else {
                throw wrong("names something without a name")
            }
            try push(global(module: module, name: name))
        case .reduce, .newObj:
            let arguments = try pop()
            try push(made(by: pop(), arguments))
        case .newObjEx:
            let arguments = try pop(2)
            try push(made(by: pop(), arguments[0]))
        case .build:
            let state = try pop()
            try build(top(), state)
        case .binPersID: try push(persistent(pop()))
        }
    }
}

// Reading instructions.
extension PickleMachine {
    private mutating func number<T: FixedWidthInteger & BitwiseCopyable>() throws(Problem) -> T {
        guard let value: T = bytes.number(at: position) else { throw wrong("ends too early") }
        position += MemoryLayout<T>.size
        return value
    }

    private mutating func take(_ length: Int) throws(Problem) -> UnsafeRawBufferPointer {
        guard let part = bytes.part(at: position, length: length) else { throw wrong("ends too early") }
        position += length
        return part
    }

    private func length(_ claimed: some FixedWidthInteger) throws(Problem) -> Int {
        guard let length = Int(exactly: claimed), length >= 0 else { throw wrong("ends too early") }
        return length
    }

    /// Floating-point numbers and bytes say nothing about weights.
    private mutating func skip(_ length: Int) throws(Problem) {
        _ = try take(length)
        push(.opaque)
    }

    private mutating func text(_ length: Int) throws(Problem) -> PickleValue {
        .text(String(decoding: try take(length), as: UTF8.self))
    }

    /// A two's complement number of any length; longer ones than 64 bits say nothing about weights.
    private mutating func long(_ length: Int) throws(Problem) -> PickleValue {
        let digits = try take(length)
        guard length <= 8 else { return .opaque }
        let isNegative = digits.last.map { $0 >= 0x80 } ?? false
        return .int(digits.reversed().reduce(isNegative ? -1 : 0) { $0 << 8 | Int($1) })
    }

    private mutating func line() throws(Problem) -> String {
        let rest = bytes[min(position, bytes.count)...]
        guard let end = rest.prefix(1000).firstIndex(of: UInt8(ascii: "\n")) else { throw wrong("has no name") }
        let text = String(decoding: bytes[position..<end], as: UTF8.self)
        position = end + 1
        return text
    }

    private func global(module: String, name: String) throws(Problem) -> PickleValue {
        guard let global = PickleGlobal(module: module, name: name) else {
            throw .foreign(global: "\(module).\(name)")
        }
        return .global(global)
    }
}

// The stack and the memo.
extension PickleMachine {
    private mutating func push(_ value: PickleValue) { stack.append(value) }

    /// The values above the last mark may be taken, those below it may not.
    private var floor: Int { marks.last ?? 0 }

    private func top() throws(Problem) -> PickleValue {
        guard stack.count > floor, let value = stack.last else { throw wrong("takes more than there is") }
        return value
    }

    private mutating func pop() throws(Problem) -> PickleValue {
        let value = try top()
        stack.removeLast()
        return value
    }

    private mutating func pop(_ count: Int) throws(Problem) -> [PickleValue] {
        guard stack.count - floor >= count else { throw wrong("takes more than there is") }
        defer { stack.removeLast(count) }
        return Array(stack.suffix(count))
    }

    private mutating func popToMark() throws(Problem) -> [PickleValue] {
        guard let mark = marks.popLast() else { throw wrong("has no mark") }
        defer { stack.removeLast(stack.count - mark) }
        return Array(stack[mark...])
    }

    private func remembered(_ index: Int) throws(Problem) -> PickleValue {
        guard let value = memo[index] else { throw wrong("recalls what it never stored") }
        return value
    }

    private mutating func append(_ values: [PickleValue]) throws(Problem) {
        switch try top() {
        case .sequence(let index): heap.sequences[index] += values
        case .opaque: break
        default: throw wrong("appends to what is no list")
        }
    }

    private mutating func setItems(_ items: [PickleValue]) throws(Problem) {
        guard items.count.isMultiple(of: 2) else { throw wrong("has a key without a value") }
        switch try top() {
        case .dictionary(let index):
            for item in stride(from: 0, to: items.count, by: 2) {
                heap.dictionaries[index].append((items[item], items[item + 1]))
            }
        case .opaque: break
        default: throw wrong("sets an item of what is no dictionary")
        }
    }
}
