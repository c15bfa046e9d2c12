import BinderyBinding
import BinderyModalities
import BinderyPublished
import BinderyTensors
import Foundation
import TestSupport
import Testing

@Suite struct WordVectorsTests {
    @Test func aFileOfVectorsIsAModel() throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "bindery-\(UUID().uuidString).vec")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data("3 2\nrain 3 0\nviolin 0 4\nloud 3 4\n".utf8).write(to: file)
        let model = try Model(at: file, modalities: Modalities.all)
        #expect(model.family == "word vectors")
        let vectors = try model.space.embed([.text("Loud!"), .text("rain, violin"), .text("rain")], as: "text")
        expectClose(vectors, Tensor([0.6, 0.8, 0.6, 0.8, 1, 0], [3, 2]), relative: 1e-6)
    }
}
