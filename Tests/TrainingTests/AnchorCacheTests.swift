import BinderyBinding
import BinderyTensors
import Foundation
import Testing

@testable import BinderyLayers
@testable import BinderyTraining

@Suite struct AnchorCacheTests {
    private var maker: Fingerprint { Fingerprint.Hash().finish() }

    @Test func givesBackWhatWasKept() throws {
        let scratch = try Scratch()
        let cache = AnchorCache(folder: scratch.url.appending(path: "cache"), limit: 1000)
        let key = maker
        #expect(cache.vectors(key, rows: 2, width: 3) == nil)
        let vectors = Tensor([1, 2, 3, 4, 5, 6.5], [2, 3])
        cache.keep(vectors, as: key)
        #expect(cache.vectors(key, rows: 2, width: 3)?.values == vectors.values)
        #expect(cache.vectors(key, rows: 3, width: 2) == nil)
        let file = cache.folder.appending(path: "\(key).safetensors")
        var bytes = try Data(contentsOf: file)
        bytes[bytes.count - 1] ^= 1
        try bytes.write(to: file)
        #expect(cache.vectors(key, rows: 2, width: 3) == nil)
        cache.keep(Tensor.zeros([1000]), as: key)
        #expect(try Data(contentsOf: file) == bytes)
    }

    @Test func forgetsWhatWasNotReadForLongest() throws {
        let scratch = try Scratch()
        let cache = AnchorCache(folder: scratch.url, limit: 1000)
        let keys = (0..<4).map { number in
            var hash = Fingerprint.Hash()
            hash.add("\(number)")
            return hash.finish()
        }
        for (age, key) in keys.enumerated() {
            cache.keep(.full([1, 40], Float(age)), as: key)
            try FileManager.default.setAttributes(
                [.modificationDate: Date(timeIntervalSinceNow: Double(age - 100))],
                ofItemAtPath: scratch.url.appending(path: "\(key).safetensors").path)
        }
        #expect(cache.vectors(keys[0], rows: 1, width: 40) != nil)
        cache.trim()
        #expect(cache.vectors(keys[0], rows: 1, width: 40) != nil)
        #expect(cache.vectors(keys[1], rows: 1, width: 40) == nil)
    }

    @Test func aKeyFollowsContents() throws {
        let scratch = try Scratch()
        let (a, b) = (scratch.url.appending(path: "a.wav"), scratch.url.appending(path: "b.wav"))
        for url in [a, b] { try Data("same".utf8).write(to: url) }
        let hashes = ContentHashes()
        let key = { (items: [Item]) in hashes.key(of: items, below: maker) }
        let first = key([.file(a)])
        #expect(first != nil)
        #expect(key([.file(b)]) == first)
        #expect(key([.file(a), .file(b)]) != first)
        #expect(key([Item(.file(a), range: 0..<1)]) != first)
        #expect(key([Item(.row(a, 0))]) != key([Item(.row(a, 1))]))
        #expect(key([Item(.joined([.file(a)], seconds: 1))]) != key([Item(.joined([.file(a)], seconds: 2))]))
        #expect(key([.text("a")]) != key([.text("b")]))
        try Data("else".utf8).write(to: a, options: .atomic)
        #expect(key([.file(a)]) != first)
        #expect(key([.file(scratch.url)]) == nil)
    }
}
