import BinderyBinding
import BinderyLayers
import BinderyTensors
import Foundation

/// What items contain, as hashes; every file is read once, and again when it has changed.
final class ContentHashes {
    /// What tells that a file changed.
    fileprivate struct Stamp: Hashable {
        let size: Int
        let modified: Date
        let number: Int
    }

    private var known: [URL: (stamp: Stamp, hash: Fingerprint)] = [:]

    /// The hash of `items` in their order, below that of what makes vectors of them; nil when one is no plain file.
    func key(of items: [Item], below maker: Fingerprint? = nil) -> Fingerprint? {
        var hash = Fingerprint.Hash()
        if let maker { hash.add("\(maker)") }
        for item in items {
            guard add(item, to: &hash) else { return nil }
        }
        return hash.finish()
    }

    private func add(_ item: Item, to hash: inout Fingerprint.Hash) -> Bool {
        hash.add(item.range.map { "\($0.lowerBound) to \($0.upperBound)" } ?? "whole")
        switch item.source {
        case .text(let text): hash.add("text " + text)
        case .bytes(let data):
            hash.add("bytes")
            hash.add(data)
        case .samples(let samples, let rate):
            hash.add("samples at \(rate)")
            samples.withUnsafeBytes { hash.add($0) }
        case .file(let url):
            guard let contents = self.hash(of: url) else { return false }
            hash.add("file \(url.pathExtension) \(contents)")
        case .row(let url, let row):
            guard let contents = self.hash(of: url) else { return false }
            hash.add("row \(row) \(url.pathExtension) \(contents)")
        case .joined(let parts, let seconds):
            hash.add("joined \(parts.count) \(seconds.map { "\($0)" } ?? "")")
            for part in parts {
                guard add(part, to: &hash) else { return false }
            }
        }
        return true
    }

    private func hash(of url: URL) -> Fingerprint? {
        guard let stamp = Stamp(of: url) else { return nil }
        if let found = known[url], found.stamp == stamp { return found.hash }
        var hash = Fingerprint.Hash()
        guard (try? hash.add(contentsOf: url)) != nil, Stamp(of: url) == stamp else { return nil }
        let contents = hash.finish()
        known[url] = (stamp, contents)
        return contents
    }
}

extension ContentHashes.Stamp {
    fileprivate init?(of url: URL) {
        guard let found = try? FileManager.default.attributesOfItem(atPath: url.resolvingSymlinksInPath().path),
            found[.type] as? FileAttributeType == .typeRegular, let size = found[.size] as? NSNumber,
            let modified = found[.modificationDate] as? Date, let number = found[.systemFileNumber] as? NSNumber
        else { return nil }
        (self.size, self.modified, self.number) = (size.intValue, modified, number.intValue)
    }
}

extension JointSpace {
    /// The hash of what makes an encoder's vectors before the head: its configuration, its weights and files, and which build
    /// of the program runs it.
    func encoderFingerprint(of name: String) throws -> Fingerprint {
        var hash = Fingerprint.Hash()
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        var tower = plan.towers[name]
        tower?.projection = .none
        hash.add(try encoder.encode(tower))
        for parameter in parameters.under(name) where !parameter.name.isUnder("\(name).projection") {
            hash.add(String(parameter.name.dropFirst(name.count)))
            parameter.value.read { hash.add(UnsafeRawBufferPointer($0)) }
        }
        for file in assets[name]?.names ?? [] {
            hash.add(file)
            hash.add(try assets[name]?[file] ?? Data())
        }
        hash.add(ProgramBuild.stamp)
        return hash.finish()
    }
}

/// Which build of the program is running, so that nothing is read that older code made.
private enum ProgramBuild {
    static let stamp: String = {
        let path = Bundle.main.executableURL?.resolvingSymlinksInPath().path ?? ""
        let found = try? FileManager.default.attributesOfItem(atPath: path)
        let modified = (found?[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0
        return "\((found?[.size] as? NSNumber)?.intValue ?? 0) \(modified)"
    }()
}
