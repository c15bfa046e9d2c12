import BinderyBinding
import BinderyLayers
import BinderyPictures
import BinderyTensors
import Foundation
import TestSupport
import Testing

@testable import BinderyThermal

@Suite struct ImageBindThermalTests {
    @Test func eightBitsAreTakenAsTheyAre() throws {
        let bytes = GreyPicture(width: 2, height: 2, depth: 8, values: [0, 255, 51, 102]).png()
        expectClose(try clip([:], Item(.bytes(bytes))), Tensor([0, 1, 0.2, 0.4], [2, 2]), relative: 1e-6)
    }

    @Test func sixteenBitsAreSpread() throws {
        let file = Item.file(Fixture.golden("image/grey16.png"))
        let values = try PictureReader().greyPicture(file).values.map(Double.init)
        let own = try clip(["size": 16, "patch": 8], file).values
        #expect(own.allSatisfy { (0...1).contains($0) } && own.contains { $0 > 0.3 })
        let (low, high) = (try #require(values.min()), try #require(values.max()))
        let said = try clip(["size": 16, "patch": 8, "low": .number(low), "high": .number(high)], file).values
        expectClose(said, own, relative: 1e-6)
        let wide = try clip(["size": 16, "patch": 8, "low": -65535, "high": 65535], file).values
        #expect(wide.allSatisfy { $0 >= 0.5 })
    }

    @Test(arguments: [["low": 5, "high": 5], ["size": 1], ["hot": 1]] as [[String: Config]])
    func configurationsThatCannotBe(config: [String: Config]) {
        #expect(throws: ConfigError.self) { try encoder(config) }
    }

    private func encoder(_ config: [String: Config]) throws -> ImageBindThermal {
        let base: [String: Config] = ["width": 8, "heads": 2, "layers": 1, "size": 2, "patch": 2]
        return try ImageBindThermal(.map(base.merging(config) { $1 }), Parameters().scope)
    }

    private func clip(_ config: [String: Config], _ item: Item) throws -> Tensor {
        var clips = try encoder(config).clips(of: item)
        return try #require(try clips.next()).clip
    }
}
