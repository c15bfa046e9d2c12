import BinderyLayers
import Foundation
import TestSupport
import Testing

#if canImport(Glibc)
    import Glibc
#endif

@Suite struct AtomicFileTests {
    @Test func replacesWhatALinkLeadsTo() throws {
        let scratch = try TemporaryFolder()
        let (file, link) = (scratch.file("file.json"), scratch.file("link.json"))
        try Data("old".utf8).write(to: file)
        try FileManager.default.createSymbolicLink(at: link, withDestinationURL: file)
        try AtomicFile.save(Data("new".utf8), to: link)
        #expect(try String(contentsOf: file, encoding: .utf8) == "new")
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link.path).hasSuffix("file.json"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.url.path).count == 2)
    }

    @Test func writesIntoAPipe() throws {
        let scratch = try TemporaryFolder()
        let pipe = scratch.file("pipe")
        try #require(mkfifo(pipe.path, 0o600) == 0)
        let reader = open(pipe.path, O_RDONLY | O_NONBLOCK)
        defer { close(reader) }
        try AtomicFile.save(Data("through".utf8), to: pipe)
        var bytes = [UInt8](repeating: 0, count: 20)
        #expect(read(reader, &bytes, 20) == 7)
        #expect(String(decoding: bytes.prefix(7), as: UTF8.self) == "through")
        var status = stat()
        #expect(stat(pipe.path, &status) == 0 && status.st_mode & S_IFMT == S_IFIFO)
    }

    @Test func saysWhatCannotBeWritten() throws {
        let scratch = try TemporaryFolder()
        let error = #expect(throws: AtomicFile.Unwritable.self) {
            try AtomicFile.save(Data(), to: scratch.file("no/such/folder"))
        }
        #expect(error?.description.contains("no/such/folder: cannot be written") == true)
        #expect(throws: AtomicFile.Unwritable.self) { try AtomicFile.save(Data(), to: scratch.url) }
    }
}
