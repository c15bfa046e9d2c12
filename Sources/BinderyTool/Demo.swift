import ArgumentParser
import Bindery
import BinderyDemo
import Foundation

struct Demo: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Shows the whole promise in about two minutes, with nothing from anywhere.",
        discussion: """
            Draws pictures of digits and speaks them with voices of its own making, trains pictures with words, freezes both,
            binds sounds to pictures alone, and lets words read the sounds of voices that were never heard.
            Example: bindery demo --out demo
            """)

    @Option(help: ArgumentHelp("The folder for all that it makes.", valueName: "DIR"))
    var out = "demo"
    @OptionGroup var global: GlobalOptions

    func run() throws {
        global.apply()
        let show = DemoProgress()
        let demonstration = Demonstration(
            in: URL(filePath: out), modalities: Modalities.all, report: { show($0) })
        let found = try demonstration.run(command: "bindery demo --out \(out)")
        func line(_ name: String, _ judged: Classification) {
            Output.line(String(format: "%5.1f %%  ", judged.accuracy() * 100) + name)
        }
        line("sounds read by words that they never met", found.emergent)
        Output.line(String(format: "%5.1f %%  chance", 100 / Double(found.emergent.classes)))
        line("the control, bound to pictures drawn at random", found.shuffled)
        line("the ceiling, trained with words", found.direct)
        line("pictures read by words", found.pictures)
        Output.line(String(format: "%7.1g  ", found.drift) + "anchor drift: how far pictures and words moved meanwhile")
        Output.line("the page: \(demonstration.page.path)")
    }
}

/// Shows what a demonstration is at.
private final class DemoProgress: @unchecked Sendable {
    private var part = ""
    private var steps: Progress?

    func callAsFunction(_ event: Demonstration.Event) {
        switch event {
        case .part(let name):
            part = name
            steps = nil
            Output.note(name)
        case .step(let step, let total, let loss):
            let line = steps ?? Progress("training", total: total, unit: "steps")
            steps = line
            line.show(step, String(format: "loss %.3f", loss))
        }
    }
}
