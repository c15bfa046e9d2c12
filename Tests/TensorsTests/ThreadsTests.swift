import BinderyTensors
import TestSupport
import Testing

@Suite(.serialized) struct ThreadsTests {
    @Test func everyItemIsVisitedOnce() {
        for (count, grain) in [(0, 1), (1, 1), (1000, 7), (1000, 5000)] {
            let y = Tensor(shape: [count]) { target in
                target.initialize(repeating: 0)
                nonisolated(unsafe) let target = target
                Threads.forEach(count, grain: grain) { for item in $0 { target[item] += Float(item) } }
            }
            #expect(y.values == (0..<count).map(Float.init))
        }
    }

    @Test func resultsDoNotDependOnTheNumberOfThreads() {
        let before = Threads.count
        defer { Threads.use(before) }
        func everything() -> [[UInt32]] {
            let x = Tensor.varied([700, 310], seed: 81).tracked()
            let w = Tensor.varied([450, 310], seed: 82).tracked()
            let b = Tensor.varied([450], seed: 83).tracked()
            let scale = Tensor.varied([310], seed: 84).tracked()
            let hidden = x.layerNorm(weight: scale).linear(weight: w, bias: b).gelu()
            let y = hidden.softmax().sum(axes: [0]) + hidden.logSumExp(axis: 0) + hidden.max(axes: [0])
            let loss = y.square().mean() + hidden.gather(rows: [1, 1, 600]).variance()
            let pictures = x.reshaped([7, 20, 50, 31])
            let kernel = Tensor.varied([40, 31, 3, 3], seed: 85).tracked()
            let channel = Tensor.varied([40, 1, 3, 3], seed: 86).tracked()
            var random = RandomSource(seed: 1)
            let seen = pictures.convolution2D(weight: kernel, stride: (2, 1), padding: (1, 1)).batchNorm().output
                .convolution2D(weight: channel, padding: (1, 1), groups: 40).maxPool2D(kernel: (2, 2)).dropout(
                    rate: 0.3, random: &random)
            let tokens = seen.averagePool2D(kernel: (5, 1)).reshaped([7, 25, 40])
            let found = (loss + Tensor.attention(tokens, tokens, tokens).l2Normalized().max()).backward()
            return ([loss] + [x, w, b, scale, kernel, channel].compactMap { found[$0] }).map {
                $0.values.map(\.bitPattern)
            }
        }
        Threads.use(1)
        let one = everything()
        for threads in [2, 3] {
            Threads.use(threads)
            #expect(everything() == one, "\(threads) threads")
        }
    }
}
