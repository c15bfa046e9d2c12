import BinderyLayers
import BinderyTensors
import TestSupport
import Testing

@Suite struct StandardizationTests {
    private func layer(_ width: Int) -> Standardization {
        let parameters = Parameters()
        let layer = Standardization(parameters.scope["data"], width: width)
        parameters.fill(seed: 0)
        return layer
    }

    private func calibrate(_ layer: Standardization, _ batches: [Tensor]) {
        for (number, batch) in batches.enumerated() {
            let step = Step(calibrating: number)
            _ = layer(batch, .training(step))
            step.commit()
        }
    }

    @Test func changesNothingUntilCalibrated() {
        let x = Tensor([1, -2, 3, 4], [2, 2])
        expectClose(layer(2)(x, .inference), x, relative: 1e-6)
    }

    @Test func hasTheMeanAndDeviationOfAllData() {
        let channels = layer(2)
        let (first, second) = (Tensor([0, 10, 4, 10], [2, 2]), Tensor([8, 30, 4, 30], [2, 2]))
        calibrate(channels, [first, second])
        expectClose(channels.mean.value.values, [4, 20])
        expectClose(channels.deviation.values, [Float(8).squareRoot(), 10])
        expectClose(channels(Tensor([4, 30], [1, 2]), .inference).values, [0, 1], absolute: 1e-6)
        let whole = layer(1)
        calibrate(whole, [Tensor([1, 3], [1, 2]), Tensor([5, 7], [1, 2])])
        expectClose(whole.mean.value.values, [4])
        expectClose(whole.deviation.values, [Float(5).squareRoot()])
    }

    @Test func staysAsItIsInTraining() {
        let layer = layer(1)
        calibrate(layer, [Tensor([1, 3], [1, 2])])
        let step = Step(seed: 1)
        expectClose(layer(Tensor([2, 3], [1, 2]), .training(step)).values, [0, 1], absolute: 1e-6)
        step.commit()
        expectClose(layer.mean.value.values, [2])
    }

    @Test func silenceHasADeviation() {
        let layer = layer(1)
        calibrate(layer, [Tensor([5, 5], [1, 2])])
        #expect(layer(Tensor([5, 5], [1, 2]), .inference).values.allSatisfy { $0 == 0 })
    }
}
