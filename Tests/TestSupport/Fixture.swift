public import Foundation

/// A folder of recorded reference inputs and outputs, used when it lies beside the checkout.
public struct Fixture: Sendable {
    /// The folder.
    public let url: URL

    /// The fixture called `name`, or nil, with the reason printed, when it is not there.
    public init?(_ name: String) {
        self.init(shared: "fixtures/\(name)")
    }

    /// A path below the shared folder (`data/esc10`), or nil, with the reason printed, when it is not there.
    public init?(shared path: String) {
        let url = Fixture.checkout.deletingLastPathComponent().appending(path: "shared/\(path)")
        guard FileManager.default.fileExists(atPath: url.path) else {
            print("skipped: \(path) is not beside this checkout (\(url.path))")
            return nil
        }
        self.url = url
    }

    /// The root of this checkout.
    public static let checkout = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// A small reference of the project's own, `Tests/Goldens/<path>`.
    public static func golden(_ path: String) -> URL {
        checkout.appending(path: "Tests/Goldens/\(path)")
    }

    /// A file of the fixture.
    public func file(_ path: String) -> URL { url.appending(path: path) }
}
