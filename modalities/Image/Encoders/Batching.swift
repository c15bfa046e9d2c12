internal import BinderyTensors

extension [Tensor] {
    /// Calls `network` with all pictures of one size at once, [B, H, W, C] to [B, D], and puts the rows in the pictures'
    /// order.
    func batched(_ width: Int, _ network: (Tensor) -> Tensor) -> Tensor {
        guard let first, contains(where: { $0.shape != first.shape }) else {
            return isEmpty ? .zeros([0, width]) : network(.stacked(self))
        }
        let groups = Dictionary(grouping: indices) { self[$0].shape }.sorted {
            $0.key.lexicographicallyPrecedes($1.key)
        }
        let rows = groups.map { network(.stacked($0.value.map { self[$0] })) }
        var places = [Int](repeating: 0, count: count)
        for (row, index) in groups.flatMap(\.value).enumerated() { places[index] = row }
        return Tensor.concatenated(rows, axis: 0).gather(rows: places)
    }
}
