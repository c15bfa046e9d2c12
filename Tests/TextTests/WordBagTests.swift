import BinderyBinding
import BinderyLayers
import BinderyTensors
import BinderyText
import Foundation
import TestSupport
import Testing

@Suite struct WordBagTests {
    /// Rows: the, cat, Paris, well, known, and the unknown.
    private func space() throws -> JointSpace {
        let tower = JointSpace.Plan.Tower(encoder: "text/cbow", config: ["words": 5, "width": 2])
        let words = Data("the\ncat\nParis\nwell\nknown\n".utf8)
        let space = try JointSpace(
            JointSpace.Plan(width: 2, towers: ["text": tower]), modalities: [.text],
            assets: ["text": Assets(["words.txt": words])])
        space.parameters["text.words.weight"]?.value = Tensor([1, 0, 0, 1, 2, 2, 4, 0, 0, 4, -7, -7], [6, 2])
        return space
    }

    private func mean(_ texts: String...) throws -> [Float] {
        let bag = try #require(space().tower("text").encoder as? WordBag)
        var clips: [[Int]] = []
        for text in texts { clips.append(try #require(try bag.clips(of: .text(text)).first())) }
        return bag(clips, .inference).values
    }

    @Test func meansOfKnownWords() throws {
        #expect(try mean("The cat!", "the the cat zebra", "PARIS Paris") == [0.5, 0.5, 2 / 3, 1 / 3, 2, 2])
    }

    @Test func wordsWithHyphensAreKnownByTheirParts() throws {
        #expect(try mean("well-known", "the cat's") == [2, 2, 0.5, 0.5])
    }

    @Test func nothingKnownIsTheLastRow() throws {
        #expect(try mean("", "zebra?!") == [-7, -7, -7, -7])
    }

    @Test func listsThatDoNotFitAreRefused() throws {
        let tower = JointSpace.Plan.Tower(encoder: "text/cbow", config: ["words": 1, "width": 2])
        let plan = JointSpace.Plan(width: 2, towers: ["text": tower])
        for assets in [Assets(), Assets(["words.txt": Data("a\nb\n".utf8)])] {
            #expect(throws: (any Error).self) {
                try JointSpace(plan, modalities: [.text], assets: ["text": assets])
            }
        }
    }
}

extension Clips {
    fileprivate func first() throws -> Clip? {
        var clips = self
        return try clips.next()?.clip
    }
}
