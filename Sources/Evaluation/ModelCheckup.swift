public import BinderyBinding
import BinderyLayers
import BinderyTensors
import Foundation

/// Looks for what makes a model useless without an error: numbers that are none, vectors that are all alike, scales that
/// ran into their bounds.
public enum ModelCheckup {
    /// What is to be said of `space`; encoders are tried on the specimens of `modalities`.
    public static func findings(_ space: JointSpace, _ modalities: [Modality]) -> [Finding] {
        weights(space) + space.plan.pairs.flatMap { pair(space, $0) }
            + space.names.flatMap { tower(space, $0, modalities) }
    }

    private static func weights(_ space: JointSpace) -> [Finding] {
        var findings: [Finding] = []
        var (zero, large): ([String], [String]) = ([], [])
        for parameter in space.parameters.all {
            let (wrong, most) = parameter.value.read { values in
                values.reduce(into: (0, Float(0))) { found, value in
                    if value.isFinite { found.1 = max(found.1, abs(value)) } else { found.0 += 1 }
                }
            }
            if wrong > 0 {
                findings.append(
                    Finding(.bad, parameter.name, "\(wrong) of its \(parameter.count) numbers are not finite"))
            }
            if most == 0, wrong == 0, parameter.shape.count > 1 { zero.append(parameter.name) }
            if most > 1e5 { large.append(parameter.name) }
        }
        func name(_ names: [String]) -> String {
            names.prefix(3).joined(separator: ", ") + (names.count > 3 ? " and \(names.count - 3) more" : "")
        }
        if !zero.isEmpty { findings.append(Finding(.doubtful, "weights", "all zeros: \(name(zero))")) }
        if !large.isEmpty {
            findings.append(
                Finding(.doubtful, "weights", "numbers beyond 100000: \(name(large)); did training diverge?"))
        }
        if findings.isEmpty {
            let count = space.parameters.all.reduce(0) { $0 + $1.count }
            findings.append(Finding(.good, "weights", "\(count) numbers, all finite"))
        }
        return findings
    }

    private static func pair(_ space: JointSpace, _ pair: JointSpace.Plan.Pair) -> [Finding] {
        guard let temperature = try? space.temperature(pair.a, pair.b) else { return [] }
        let (subject, scale) = ("\(pair.a)–\(pair.b)", Double(temperature.scale.item))
        let text = String(format: "%.4g", scale)
        if !scale.isFinite || scale <= 0 { return [Finding(.bad, subject, "the logit scale is \(text)")] }
        if let most = pair.most, pair.isLearned, scale >= most * 0.999 {
            return [Finding(.doubtful, subject, "the logit scale \(text) is held at its bound \(most)")]
        }
        if scale < 1.5 {
            return [Finding(.doubtful, subject, "the logit scale \(text) hardly tells anything apart")]
        }
        return [Finding(.good, subject, "logit scale \(text)")]
    }

    private static func tower(_ space: JointSpace, _ name: String, _ modalities: [Modality]) -> [Finding] {
        let word = space.plan.towers[name]?.encoder.split(separator: "/").first.map(String.init)
        guard let inspection = modalities.first(where: { $0.name == word })?.inspection else { return [] }
        let vectors: Tensor
        do {
            vectors = try space.embed(inspection.specimens(), as: name)
        } catch {
            return [Finding(.bad, name, "it cannot be tried: \(error)")]
        }
        let spread = Spread(vectors)
        let told = String(
            format: "%d made-up inputs: mean cosine %.3f, effective rank %.1f of %d", vectors.shape[0],
            spread.meanCosine, spread.effectiveRank, spread.fullRank)
        if spread.meanCosine > 0.9999 {
            return [Finding(.bad, name, "\(told): whatever it sees, it says the same; it collapsed")]
        }
        if spread.meanCosine > 0.98 || spread.effectiveRank < min(3, Double(spread.fullRank)) {
            return [Finding(.doubtful, name, "\(told): hardly tells things apart")]
        }
        return [Finding(.good, name, told)]
    }
}
