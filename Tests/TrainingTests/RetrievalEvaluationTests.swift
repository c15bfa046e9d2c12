import BinderyBinding
import BinderyEvaluation
import BinderyTraining
import Foundation
import Testing

@Suite struct RetrievalEvaluationTests {
    @Test func countsAnItemOfSeveralRowsOnce() throws {
        let scratch = try Scratch()
        for name in ["aab", "ccd", "e"] { try scratch.write("\(name).wav") }
        _ = try scratch.manifest("path,caption\naab.wav,aab\naab.wav,aa\nccd.wav,ccd\nccd.wav,aab\ne.wav,h\n")
        let evaluation = try RetrievalEvaluation(
            scratch.url.appending(path: "m.csv"), query: "path", as: "audio", target: "caption", with: "text")
        #expect(evaluation.a.items.count == 3)
        #expect(evaluation.b.items.count == 4)
        #expect(evaluation.count == 7)
        let found = try evaluation(Letters.space())
        // Nothing is near e.wav, whose cosines are all equal: its caption, the last, comes last.
        #expect(found.aToB.ranks == [1, 1, 4])
        // The second has captions whose cosines differ by rounding alone, so its order below the first is open.
        #expect(found.aToB.precisions[0] == 1)
        #expect(found.aToB.precisions[2] == 0.25)
        // Both recordings have the caption aab.
        #expect(found.bToA?.ranks == [1, 1, 1, 3])
    }

    @Test func groupsJoinRows() throws {
        let scratch = try Scratch()
        for name in ["a", "aa", "b"] { try scratch.write("\(name).wav") }
        _ = try scratch.manifest("path,caption,label\na.wav,b,x\naa.wav,a,x\nb.wav,c,y\n")
        let url = scratch.url.appending(path: "m.csv")
        let plain = try RetrievalEvaluation(url, query: "path", as: "audio", target: "caption", with: "text")
        #expect(try plain(Letters.space()).aToB.ranks == [2, 1, 3])
        let grouped = try RetrievalEvaluation(
            url, query: "path", as: "audio", target: "caption", with: "text", group: "label")
        #expect(try grouped(Letters.space()).aToB.ranks == [1, 1, 3])
    }

    @Test func noItemAnswersItself() throws {
        let scratch = try Scratch()
        _ = try scratch.manifest("caption,file\nab,1\nabb,1\nc,2\nccc,2\n")
        let evaluation = try RetrievalEvaluation(
            scratch.url.appending(path: "m.csv"), query: "caption", as: "text", target: "caption", with: "text",
            group: "file")
        let found = try evaluation(Letters.space())
        #expect(found.bToA == nil)
        #expect(found.aToB.ranks == [1, 1, 1, 1])
        let third = 1.0 / 3
        #expect(abs(found.aToB.chance(1) - third) < 1e-12)
        #expect(evaluation.count == 4)
    }

    @Test func refusesAManifestWithoutRows() throws {
        let scratch = try Scratch()
        _ = try scratch.manifest("path,caption,label\n")
        let url = scratch.url.appending(path: "m.csv")
        #expect(throws: ManifestError.self) {
            try RetrievalEvaluation(url, query: "path", as: "audio", target: "caption", with: "text")
        }
        #expect(throws: ManifestError.self) { try ZeroShotEvaluation(url, as: "audio") }
        #expect(throws: ManifestError.self) { try LabelledEvaluation(train: url, test: url, as: "audio") }
    }
}
