import Foundation

/// One file of a model, as the hub announces it.
struct HubFile: Sendable, Hashable {
    let name: String
    /// Its length in bytes, where the hub says it.
    var size: Int?
    /// What its contents hash to, where the hub says it.
    var hash: ContentHash?
}

/// The files of one revision of a model.
struct Listing: Sendable {
    /// The commit that the revision stands for, where the hub says it.
    let commit: String?
    let files: [HubFile]

    /// The most files and the longest name that are believed.
    private static let (mostFiles, longestName) = (100_000, 1024)

    private struct Answer: Decodable {
        struct Sibling: Decodable {
            struct LargeFile: Decodable {
                let sha256: String?
                let size: Int?
            }

            let rfilename: String
            let size: Int?
            let blobId: String?
            let lfs: LargeFile?
        }

        let sha: String?
        let siblings: [Sibling]?
    }

    /// Reads the hub's answer; throws when it is none, or when a name leads out of the folder.
    init(_ data: Data, of id: HubID) throws(HubError) {
        let answer: Answer
        do { answer = try JSONDecoder().decode(Answer.self, from: data) } catch {
            throw .badListing(id.description, reason: "is not the JSON that a hub sends")
        }
        let siblings = answer.siblings ?? []
        guard siblings.count <= Listing.mostFiles else {
            throw .badListing(id.description, reason: "has \(siblings.count) entries")
        }
        commit = answer.sha
        var files: [HubFile] = []
        for sibling in siblings {
            let name = sibling.rfilename
            guard Listing.isInside(name), name.utf8.count <= Listing.longestName else {
                throw .hostileName(String(name.prefix(80)))
            }
            let size = sibling.lfs?.size ?? sibling.size
            guard size ?? 0 >= 0 else { throw .badListing(id.description, reason: "gives \(name) a negative size") }
            let hash = sibling.lfs?.sha256.flatMap(ContentHash.init) ?? sibling.blobId.flatMap(ContentHash.init)
            files.append(HubFile(name: name, size: size, hash: hash))
        }
        guard Set(files.map(\.name)).count == files.count else {
            throw .badListing(id.description, reason: "names a file twice")
        }
        self.files = files
    }

    /// Whether a name stays below the folder it is written to, on any system.
    private static func isInside(_ name: String) -> Bool {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        return !name.unicodeScalars.contains { $0.value < 32 || "\\:".unicodeScalars.contains($0) }
            && parts.allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." }
    }
}
