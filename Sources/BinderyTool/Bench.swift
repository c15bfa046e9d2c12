import ArgumentParser
import Bindery
import Foundation

struct Bench: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measures pieces of work: milliseconds, memory.",
        discussion: """
            Our side of `make bench`, alone; the names are those of its table. Without --in the inputs are random.
            Example: bindery bench cnn14_forward_b1 infonce_8192 --threads 2
            """)

    @Argument(help: ArgumentHelp("What to measure; everything unless given.", valueName: "NAME"))
    var names: [String] = []
    @Option(name: .customLong("repeat"), help: ArgumentHelp("How often.", valueName: "N"))
    var repeats = 5
    @Option(help: ArgumentHelp("The widest instructions of the micro-kernels: avx512, avx2 or base.", valueName: "SET"))
    var isa = "avx512"
    @Option(help: ArgumentHelp("Where a JSON array of the rows goes.", valueName: "F"))
    var json: String?
    @Option(
        name: .customLong("in"),
        help: ArgumentHelp("A folder with inputs and weights, where the result goes too.", valueName: "FOLDER"))
    var folder: String?
    @Flag(help: "Runs N times for every line `N` on standard input, and answers with seconds a run (for make bench).")
    var serve = false
    @OptionGroup var global: GlobalOptions

    func validate() throws {
        guard repeats >= 1 else { throw ValidationError("--repeat must be at least 1.") }
        guard Instructions(rawValue: isa) != nil else { throw ValidationError("--isa must be avx512, avx2 or base.") }
        for name in names where Workload.all[name] == nil {
            throw ValidationError(
                "There is no workload '\(name)'; there are \(Workload.all.keys.sorted().joined(separator: ", ")).")
        }
        guard !serve || names.count == 1 else { throw ValidationError("--serve takes one name.") }
    }

    func run() throws {
        global.apply()
        Instructions(rawValue: isa)?.limit()
        let inputs = Workload.Inputs(folder: folder.map { URL(filePath: $0) })
        if serve, let name = names.first, let make = Workload.all[name] {
            return try answer(Workload(name: name, once: make(inputs)))
        }
        var rows: [Row] = []
        for (name, make) in Workload.all.sorted(by: { $0.key < $1.key }) where names.isEmpty || names.contains(name) {
            let row = try Row(Workload(name: name, once: make(inputs)), repeats: repeats)
            rows.append(row)
            Output.line("\(row.name): \(row.ours_ms) ms, at most \(row.ours_peak_mb) MB")
        }
        if let json { try Output.write(Output.json(rows, pretty: true) + "\n", to: json) }
    }

    /// One answer per line: `ready`, then wall and processor seconds a run, then the peak in MB after `done`.
    private func answer(_ workload: Workload) throws {
        Output.line("ready")
        var result = Tensor.zeros([0])
        while let line = readLine(), let count = Int(line), count > 0 {
            let time = Stopwatch()
            for _ in 0..<count { result = workload.once() }
            let (wall, processor) = (time.wall, time.processor)
            Output.line("\(wall / Double(count)) \(processor / Double(count))")
        }
        if let folder { try NumpyFile.write(result, to: URL(filePath: folder).appending(path: "ours.npy")) }
        Output.line("\(Stopwatch.peakMegabytes)")
    }

    /// One line of the table, as its JSON spells it.
    private struct Row: Encodable {
        let name: String
        let ours_ms: Double
        let ours_peak_mb: Double

        init(_ workload: Workload, repeats: Int) {
            name = workload.name
            _ = workload.once()
            let times = (0..<repeats).map { _ in
                let time = Stopwatch()
                _ = workload.once()
                return time.wall
            }
            ours_ms = (times.sorted()[times.count / 2] * 1e5).rounded() / 100
            ours_peak_mb = Stopwatch.peakMegabytes
        }
    }
}

/// Wall and processor time since it was made.
struct Stopwatch {
    private let began = ContinuousClock.now
    private let used = Stopwatch.used

    /// Seconds that passed.
    var wall: Double { (ContinuousClock.now - began) / .seconds(1) }

    /// Seconds that all threads of the process worked.
    var processor: Double { Stopwatch.used - used }

    private static var used: Double {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return [usage.ru_utime, usage.ru_stime].reduce(0) { $0 + Double($1.tv_sec) + 1e-6 * Double($1.tv_usec) }
    }

    /// The most memory that the process ever held.
    static var peakMegabytes: Double {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return (Double(usage.ru_maxrss) / 102.4).rounded() / 10
    }
}
