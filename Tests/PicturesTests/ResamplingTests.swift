import BinderyLayers
import BinderyPictures
import Foundation
import TestSupport
import Testing

@Suite struct ResamplingTests {
    @Test func everyKernelEqualsPillow() throws {
        let expected = try Checkpoint(contentsOf: goldens.appending(path: "expected.safetensors"))
        let source = try expected.picture("source")
        let names = expected.names.filter { $0.hasPrefix("resize.") }
        #expect(names.count == 30)
        for name in names {
            let parts = name.split(separator: ".")
            let kernel = try #require(Int(parts[1]).flatMap(Resampling.init(rawValue:)))
            let result = try expected.picture(name)
            #expect(source.resized(width: result.width, height: result.height, by: kernel) == result, "\(name)")
        }
    }

    @Test(.enabled(if: Fixture("images") != nil)) func equalsTheReferenceSizes() throws {
        let fixture = try #require(Fixture("images"))
        let expected = try fixture.tensors("expected.safetensors")
        var compared = 0
        for name in expected.names where name.hasSuffix("_rgb") {
            let source = try expected.picture(name)
            let stem = name.dropLast(3)
            for (suffix, kernel) in [
                ("resized_bicubic", Resampling.bicubic), ("square_bicubic_40", .bicubic),
                ("square_bilinear_40", .bilinear), ("lanczos_40", .lanczos),
                ("upsampled_bicubic_211x183", .bicubic),
            ] where expected[stem + suffix] != nil {
                let result = try expected.picture(stem + suffix)
                #expect(
                    source.resized(width: result.width, height: result.height, by: kernel) == result, "\(stem + suffix)"
                )
                compared += 1
            }
        }
        #expect(compared > 30)
    }

    /// The definition: weights in double precision, each pass rounded to 8 bits.
    private func naive(_ source: Picture, width: Int, height: Int) -> [Double] {
        func axis(_ inputs: Int, _ outputs: Int, _ value: (Int) -> Double, at output: Int) -> Double {
            let scale = Double(inputs) / Double(outputs), spread = max(scale, 1)
            let center = (Double(output) + 0.5) * scale
            var (sum, total) = (0.0, 0.0)
            for input in 0..<inputs {
                let weight = max(1 - abs(Double(input) + 0.5 - center) / spread, 0)
                sum += weight * value(input)
                total += weight
            }
            return (sum / total).rounded()
        }
        var result: [Double] = []
        for y in 0..<height {
            for x in 0..<width {
                for channel in 0..<3 {
                    func across(_ row: Int) -> Double {
                        axis(
                            source.width, width, { Double(source.pixels[(row * source.width + $0) * 3 + channel]) },
                            at: x)
                    }
                    result.append(axis(source.height, height, across, at: y))
                }
            }
        }
        return result
    }

    @Test func agreesWithTheDefinitionAtAwkwardSizes() {
        for (from, to) in [
            ((1, 1), (5, 3)), ((17, 2), (3, 19)), ((33, 35), (31, 16)), ((64, 18), (65, 17)), ((2, 90), (1, 1)),
        ] {
            let source = noise(from.0, from.1)
            let result = source.resized(width: to.0, height: to.1, by: .bilinear).pixels
            let expected = naive(source, width: to.0, height: to.1)
            let worst = zip(result, expected).map { abs(Double($0) - $1) }.max() ?? 0
            #expect(worst <= 1, "\(from) to \(to)")
        }
    }

    @Test func flatColourStaysFlat() {
        let flat = Picture(width: 50, height: 40, pixels: [UInt8](repeating: 255, count: 6000))
        for kernel in Resampling.allCases {
            #expect(flat.resized(width: 7, height: 93, by: kernel).pixels.allSatisfy { $0 == 255 })
        }
    }

    @Test func theSameSizeIsTheSamePicture() {
        let picture = noise(21, 13)
        for kernel in Resampling.allCases { #expect(picture.resized(width: 21, height: 13, by: kernel) == picture) }
    }
}
