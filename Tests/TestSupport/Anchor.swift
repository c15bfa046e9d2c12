public import Foundation

/// The text encoder all-MiniLM-L6-v2, which `make anchor` puts under models/.
public enum Anchor {
    /// Its folder; nil, with the reason printed, when it is not there.
    public static let url: URL? = {
        let url = Fixture.checkout.appending(path: "models/all-MiniLM-L6-v2")
        guard FileManager.default.fileExists(atPath: url.appending(path: "model.safetensors").path) else {
            print("skipped: models/all-MiniLM-L6-v2 is not there; `make anchor` fetches it")
            return nil
        }
        return url
    }()
}
