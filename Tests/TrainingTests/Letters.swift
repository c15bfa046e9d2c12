import BinderyBinding
import BinderyLayers
import BinderyTensors
import Foundation

/// An encoder for tests that counts the letters a to h of a text, or of a file's name.
struct Letters: BinderyBinding.Encoder {
    let width = 8

    func clips(of item: Item) throws -> Clips<[Float]> {
        let text =
            switch item.source {
            case .text(let text): text
            case .file(let url): url.deletingPathExtension().lastPathComponent
            default: ""
            }
        return Clips(
            "abcdefgh".map { letter in Float(text.count { $0 == letter }) })
    }

    func length(of clip: [Float]) -> Int { 8 }

    func callAsFunction(_ clips: [[Float]], _ pass: Pass) -> Tensor { Tensor(clips.flatMap(\.self), [clips.count, 8]) }

    /// A space of two modalities, both of letters, without heads.
    static func space() throws -> JointSpace {
        let modalities = ["text", "audio"].map { Modality($0).encoder("letters") { _, _, _ in Letters() } }
        let plan = JointSpace.Plan(
            width: 8, towers: ["text": .init(encoder: "text/letters"), "audio": .init(encoder: "audio/letters")],
            pairs: [.init("audio", "text")])
        return try JointSpace(plan, modalities: modalities)
    }
}
