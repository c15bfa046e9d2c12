import BinderyEvaluation
import BinderyTraining
import Foundation

/// The page of a demonstration.
enum DemoReport {
    static func page(
        _ found: Demonstration.Findings, _ heard: ZeroShot, _ sounds: ZeroShotEvaluation,
        losses: [(name: String, points: [(x: Double, y: Double)])], origin: Report.Origin
    ) -> Report {
        let bootstrap = Bootstrap()
        let chance = 1 / Double(sounds.classes.count)
        func accuracy(_ name: String, _ judged: Classification) -> Report.Figure {
            Report.Figure(
                name, judged.accuracy(), interval: bootstrap.interval(ofMean: judged.hits()), chance: chance)
        }
        let retrieved = Retrieval.report("", found.retrieval, origin: origin, bootstrap)
        let judged = heard.report(
            "Words read sounds that they never met", items: sounds.items, as: "audio", classes: sounds.classes,
            origin: origin, bootstrap)
        var page = Report(
            judged.title,
            subtitle: """
                Pictures of digits were trained with words; then both were frozen and spoken digits were bound to pictures \
                alone. No sound ever stood beside a word. Measured on \(sounds.items.count) sounds of voices that were never \
                heard in training.
                """,
            figures: [
                accuracy("sounds by words, never trained together", found.emergent),
                accuracy("control: bound to any pictures", found.shuffled),
                accuracy("ceiling: trained with words", found.direct),
                accuracy("pictures by words", found.pictures),
                Report.Figure("anchor drift", Double(found.drift), isShare: false),
            ], origin: origin)
        page.sections = [
            Report.Section(
                "What it proves",
                .text([
                    """
                    The sounds of a digit are pulled towards its pictures, and these lie where its words are: the class travels \
                    through the picture. Bound to pictures drawn at random, the same network stays at chance, so the score \
                    comes from the pairs and from nothing else.
                    """,
                    """
                    While sound was bound, the vectors of pictures and words did not move: the largest difference is \
                    \(found.drift).
                    """,
                ])),
            Report.Section(
                "The losses", note: "Every step of the four runs.",
                .curves(.init(x: "step", y: "loss", losses.map { .init($0.name, $0.points) }))),
        ]
        page.sections += judged.sections + retrieved.sections
        return page
    }
}
