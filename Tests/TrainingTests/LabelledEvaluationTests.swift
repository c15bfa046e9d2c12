import BinderyBinding
import BinderyEvaluation
import BinderyTensors
import BinderyTraining
import Foundation
import TestSupport
import Testing

@Suite struct LabelledEvaluationTests {
    @Test func embedsAllPartsWithOneNumbering() throws {
        let scratch = try Scratch()
        try scratch.write("train.csv", "text,label\naab,x\nbbb,y\na,x\n")
        try scratch.write("test.csv", "text,label\nbb,y\n")
        let evaluation = try LabelledEvaluation(
            train: scratch.url.appending(path: "train.csv"), validation: scratch.url.appending(path: "test.csv"),
            test: scratch.url.appending(path: "test.csv"), as: "text", column: "text")
        #expect(evaluation.classes == ["x", "y"])
        #expect((evaluation.train.labels, evaluation.test.labels) == ([0, 1, 0], [1]))
        let space = try Letters.space()
        let own = try evaluation.embed(space)
        #expect(own.train.vectors.values.prefix(9) == [2, 1, 0, 0, 0, 0, 0, 0, 0])
        let unit = try evaluation.embed(space, .inSpace)
        expectClose(unit.test.vectors.values, [0, 1, 0, 0, 0, 0, 0, 0])
        #expect(unit.validation?.labels == [1])
    }

    @Test func refusesALabelThatTrainingLacks() throws {
        let scratch = try Scratch()
        try scratch.write("train.csv", "text,label\na,x\n")
        try scratch.write("test.csv", "text,label\nb,z\n")
        #expect(throws: TrainingError.self) {
            try LabelledEvaluation(
                train: scratch.url.appending(path: "train.csv"), test: scratch.url.appending(path: "test.csv"),
                as: "text", column: "text")
        }
    }
}
