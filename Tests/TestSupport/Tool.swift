public import Foundation

/// The built command, run as a person runs it.
public struct Tool: Sendable {
    /// What a run left.
    public struct Outcome: Sendable {
        /// The exit status; -1 when a signal ended it.
        public let status: Int32
        /// All of standard output.
        public let output: String
        /// All of standard error.
        public let errors: String
    }

    /// Where it lies.
    public let url: URL

    /// The command that lies beside the running tests; nil, with the reason printed, when it was not built.
    public init?() {
        let folder = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
        let url = folder.appending(path: "bindery")
        guard FileManager.default.isExecutableFile(atPath: url.path) else {
            print("skipped: there is no bindery beside the tests (\(url.path))")
            return nil
        }
        self.url = url
    }

    /// Runs it to the end in `folder`, with further variables in its environment.
    public func callAsFunction(
        _ arguments: [String], in folder: URL? = nil, environment: [String: String] = [:]
    ) throws -> Outcome {
        let process = try start(arguments, in: folder, environment)
        let output = Collected(process.output)
        let errors = Collected(process.errors)
        process.process.waitUntilExit()
        return Outcome(
            status: process.process.terminationReason == .exit ? process.process.terminationStatus : -1,
            output: output.text(), errors: errors.text())
    }

    /// Runs it with the given arguments to the end.
    public func callAsFunction(_ arguments: String..., in folder: URL? = nil) throws -> Outcome {
        try self(arguments, in: folder)
    }

    /// Starts it and kills it as soon as `moment` says so.
    public func kill(_ arguments: [String], when moment: () -> Bool) throws {
        let started = try start(arguments, in: nil)
        let output = Collected(started.output)
        let errors = Collected(started.errors)
        while started.process.isRunning, !moment() { usleep(2000) }
        if started.process.isRunning { Foundation.kill(started.process.processIdentifier, SIGKILL) }
        started.process.waitUntilExit()
        _ = (output.text(), errors.text())
    }

    private func start(
        _ arguments: [String], in folder: URL?, _ environment: [String: String] = [:]
    ) throws -> (process: Process, output: Pipe, errors: Pipe) {
        let process = Process()
        process.executableURL = url
        process.arguments = arguments
        process.currentDirectoryURL = folder
        if !environment.isEmpty {
            process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        }
        let (output, errors) = (Pipe(), Pipe())
        process.standardOutput = output
        process.standardError = errors
        process.standardInput = FileHandle.nullDevice
        try process.run()
        return (process, output, errors)
    }
}

/// All bytes of a pipe, read while the writer runs so that it never blocks.
private final class Collected: @unchecked Sendable {
    private var data = Data()
    private let done = DispatchSemaphore(value: 0)

    init(_ pipe: Pipe) {
        DispatchQueue.global().async {
            self.data = pipe.fileHandleForReading.readDataToEndOfFile()
            self.done.signal()
        }
    }

    func text() -> String {
        done.wait()
        return String(decoding: data, as: UTF8.self)
    }
}

/// A folder of its own for one test, removed when the value goes.
public final class TemporaryFolder: Sendable {
    /// The folder.
    public let url: URL

    /// Makes it.
    public init() throws {
        url = FileManager.default.temporaryDirectory.appending(path: "bindery-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    /// A path inside.
    public func file(_ path: String) -> URL { url.appending(path: path) }
}
