import BinderyLayers
import BinderyTensors
import TestSupport
import Testing

@Suite struct ConvolutionTests {
    /// The first use multiplies with the weight as it lies, later ones with one laid out once.
    @Test(arguments: [(4, 4, 0), (1, 1, 0), (3, 2, 1), (5, 1, 2), (3, 1, 1)])
    func repeatedUseIsTheSame(_ kernel: Int, _ stride: Int, _ padding: Int) throws {
        let parameters = Parameters()
        let convolution = Convolution2D(
            parameters.scope["convolution"], from: 20, to: 37, kernel: (kernel, kernel), stride: (stride, stride),
            padding: (padding, padding))
        parameters.fill(seed: 3)
        var random = RandomSource(seed: 4)
        for shape in [[2, 9, 12, 20], [1, 5, 8, 20]] {
            let x = random.uniform(shape, in: -1...1)
            let expected = x.convolution2D(
                weight: convolution.weight.value, bias: try #require(convolution.bias).value,
                stride: (stride, stride), padding: (padding, padding))
            for _ in 0..<3 { expectClose(convolution(x), expected, relative: 1e-6) }
        }
        // A new weight counts at once.
        convolution.weight.value = convolution.weight.value * 2
        let x = random.uniform([1, 5, 8, 20], in: -1...1)
        let expected = x.convolution2D(
            weight: convolution.weight.value, bias: try #require(convolution.bias).value, stride: (stride, stride),
            padding: (padding, padding))
        for _ in 0..<3 { expectClose(convolution(x), expected, relative: 1e-6) }
    }
}
