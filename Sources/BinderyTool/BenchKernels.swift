import Bindery
import Foundation

extension Workload {
    /// Everything below a network.
    static let kernels: [String: Make] = [
        "logmel_44k_torch": { try logMel($0, .msclap2022) },
        "logmel_44k_librosa": { try logMel($0, .msclap2022) },
        "logmel_44k_torchlibrosa": { try logMel($0, .msclap2022) },
        "logmel_48k_torch": { try logMel($0, .clap) },
        "infonce_8192": { try infoNCE($0, rows: 8192) },
        "infonce_32768": { try infoNCE($0, rows: 32768) },
        "adamw_8m": { try adamW($0) },
        "topk_1m_q1": { try nearest($0, queries: 1) },
        "topk_1m_q1_int8": { try nearest($0, queries: 1) },
        "topk_1m_q64": { try nearest($0, queries: 64) },
        "images_200": { try images($0) },
    ]

    /// 100 clips of 10 s: ten, ten times over.
    private static func logMel(_ inputs: Inputs, _ mel: LogMel) throws -> () -> Tensor {
        let count = Int(mel.rate) * 10
        let x = try inputs.tensor("x", 10, count)
        let clips = (0..<10).map { x.slice(axis: 0, $0..<$0 + 1).values }
        let spectrograph = Spectrograph(mel)
        return {
            var last = Tensor.zeros([0])
            for index in 0..<100 { last = spectrograph(clips[index % 10]) }
            return last
        }
    }

    /// Forward and backward; the result is the loss above the gradient of the first side.
    private static func infoNCE(_ inputs: Inputs, rows: Int) throws -> () -> Tensor {
        let a = try inputs.tensor("a", rows, 512).l2Normalized().tracked()
        let b = try inputs.tensor("b", rows, 512).l2Normalized().tracked()
        let scale = Tensor(14.3).tracked()
        return {
            let loss = InfoNCE()(PairBatch(a: a, b: b, scale: scale))
            let gradients = loss.backward()
            return gradients[a] ?? loss
        }
    }

    private static func adamW(_ inputs: Inputs) throws -> () -> Tensor {
        let parameters = Parameters()
        let weight = parameters.scope("weight", 8192, 1024, start: .normal(0.02))
        parameters.fill(seed: 1)
        weight.value = try inputs.tensor("x", 8192, 1024)
        weight.isFrozen = false
        let gradients = (weight() * (try inputs.tensor("g", 8192, 1024))).sum().backward()
        var optimizer = AdamW(groups: [.init(parameters: [weight], rate: 1e-3, decay: 0.01)])
        return {
            optimizer.step(gradients)
            // A copy: a view would keep the weight from being changed in place by the next step.
            return weight.value.slice(axis: 0, 0..<1) * 1
        }
    }

    /// The ten nearest of a million rows of a mapped file; the result is their scores.
    private static func nearest(_ inputs: Inputs, queries: Int) throws -> () -> Tensor {
        let q = try inputs.tensor("q", queries, 512)
        let index = VectorIndex(try inputs.tensor("x", 1_000_000, 512))
        return { Tensor(index.nearest(q, 10).flatMap { $0.map(\.score) }, [queries, 10]) }
    }

    /// Decode, resize to 224 × 224 and normalise; the result is the last picture.
    private static func images(_ inputs: Inputs) throws -> () -> Tensor {
        let folder = inputs.folder?.appending(path: "photos") ?? URL(filePath: "photos")
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .sorted { $0.lastPathComponent < $1.lastPathComponent }
        let reader = PictureReader()
        return {
            let slots = Slots(files.count)
            Threads.forEach(files.count) { range in
                for index in range {
                    guard let picture = try? reader.picture(at: files[index]) else { continue }
                    let small = picture.resized(width: 224, height: 224)
                    slots.set(
                        index,
                        small.normalised(mean: [0.4815, 0.4578, 0.4082], deviation: [0.2686, 0.2613, 0.2758]))
                }
            }
            return slots.last
        }
    }

    /// Results of parallel work, one place each.
    private final class Slots: @unchecked Sendable {
        private let lock = NSLock()
        private var tensors: [Tensor?]

        init(_ count: Int) { tensors = Array(repeating: nil, count: count) }

        func set(_ index: Int, _ tensor: Tensor) { lock.withLock { tensors[index] = tensor } }

        var last: Tensor { lock.withLock { tensors.last.flatMap { $0 } ?? Tensor.zeros([0]) } }
    }
}
