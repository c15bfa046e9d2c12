import ArgumentParser

struct Evaluate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measures how good a model is.",
        discussion: """
            Example: bindery evaluate zero-shot runs/esc10 --as audio --manifest val.csv --classes classes.csv \
            --template "this is a sound of {}."
            """,
        subcommands: [
            EvaluateZeroShot.self, EvaluateMultiLabel.self, EvaluateRetrieval.self, EvaluateLinearProbe.self,
            EvaluateFewShot.self,
            EvaluateNeighbours.self, EvaluateEmergent.self, EvaluateRobustness.self,
        ])
}
