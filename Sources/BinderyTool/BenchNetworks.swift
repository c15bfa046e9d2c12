import Bindery

extension Workload {
    /// Forward passes and training steps of whole networks.
    static let networks: [String: Make] = [
        "cnn14_forward_b1": { try cnn14($0, batch: 1) },
        "cnn14_forward_b8": { try cnn14($0, batch: 8) },
        "cnn14_train_b8": { try cnn14($0, batch: 8, training: true) },
        "vit_b32_forward_b1": { try vision($0, batch: 1) },
        "vit_b32_forward_b16": { try vision($0, batch: 16) },
        "vit_b32_train_b8": { try vision($0, batch: 8, training: true) },
        "htsat_forward_b1": { try htsat($0, batch: 1) },
        "htsat_forward_b8": { try htsat($0, batch: 8) },
        "htsat_train_b4": { try htsat($0, batch: 4, training: true) },
        "clip_text_forward_b1": { try text($0, batch: 1) },
        "clip_text_forward_b64": { try text($0, batch: 64) },
        "minilm_b32": { try sentences($0) },
    ]

    /// CNN14 at full width over 5 s at 44.1 kHz: 690 frames of 64 bins.
    private static func cnn14(_ inputs: Inputs, batch: Int, training: Bool = false) throws -> () -> Tensor {
        let parameters = Parameters()
        let features: Config = ["rate": 44100, "window": 1024, "hop": 320, "bins": 64, "low": 50, "high": 14000]
        let network = try CNN14(
            ["features": features, "seconds": 5, "dropout": 0, "headDropout": 0], parameters.scope)
        try inputs.fill(parameters)
        let x = try inputs.tensor("x", batch, 690, 64)
        return step(parameters, training: training) { network(x, $0) }
    }

    /// ViT-B/32 at 224 pixels, as CLIP has it.
    private static func vision(_ inputs: Inputs, batch: Int, training: Bool = false) throws -> () -> Tensor {
        let parameters = Parameters()
        let scope = parameters.scope
        let width = 768
        let patches = Convolution2D(
            scope["patches"], from: 3, to: width, kernel: (32, 32), stride: (32, 32), bias: false)
        let token = scope("token", width, start: .normal(0.02))
        let positions = scope("positions", 50, width, start: .normal(0.02))
        let before = LayerNorm(scope["before"], width: width)
        let blocks = Transformer(
            scope["blocks"],
            TransformerShape(width: width, layers: 12, heads: 12, hidden: 3072, activation: .quickGELU))
        let after = LayerNorm(scope["after"], width: width)
        try inputs.fill(parameters)
        let x = try inputs.tensor("x", batch, 224, 224, 3)
        return step(parameters, training: training) { pass in
            let rows = patches(x).reshaped(batch, 49, width)
            let first = token().reshaped(1, 1, width).broadcast(to: [batch, 1, width])
            let states = before(Tensor.concatenated([first, rows], axis: 1) + positions())
            return after(blocks(states, only: [Int](repeating: 0, count: batch), pass))
        }
    }

    /// HTSAT as LAION-CLAP has it, over 10 s at 48 kHz: 1001 frames of 64 bins.
    private static func htsat(_ inputs: Inputs, batch: Int, training: Bool = false) throws -> () -> Tensor {
        let parameters = Parameters()
        let network = try HTSAT(.empty, parameters.scope)
        try inputs.fill(parameters)
        let x = try inputs.tensor("x", batch, 1001, 64)
        return step(parameters, training: training) { network(x, $0) }
    }

    /// CLIP's text Transformer: 77 tokens, 512 wide, 12 layers.
    private static func text(_ inputs: Inputs, batch: Int) throws -> () -> Tensor {
        let parameters = Parameters()
        let scope = parameters.scope
        let tokens = Embedding(scope["tokens"], rows: 49408, width: 512)
        let positions = scope("positions", 77, 512, start: .normal(0.01))
        let blocks = Transformer(
            scope["blocks"],
            TransformerShape(width: 512, layers: 12, heads: 8, hidden: 2048, activation: .quickGELU))
        let after = LayerNorm(scope["after"], width: 512)
        try inputs.fill(parameters)
        let ids = try inputs.integers("ids", batch * 77, below: 49408)
        return step(parameters, training: false) { pass in
            let states = tokens(ids).reshaped(batch, 77, 512) + positions()
            return after(blocks(states, only: [Int](repeating: 76, count: batch), causal: true, pass))
        }
    }

    /// MiniLM-L6: 32 sentences of 16 tokens.
    private static func sentences(_ inputs: Inputs) throws -> () -> Tensor {
        let parameters = Parameters()
        let scope = parameters.scope
        let tokens = Embedding(scope["tokens"], rows: 30522, width: 384)
        let positions = scope("positions", 512, 384, start: .normal(0.02))
        let types = scope("types", 2, 384, start: .normal(0.02))
        let before = LayerNorm(scope["before"], width: 384, epsilon: 1e-12)
        let blocks = Transformer(
            scope["blocks"],
            TransformerShape(
                width: 384, layers: 6, heads: 12, hidden: 1536, activation: .gelu, order: .postNorm, epsilon: 1e-12))
        try inputs.fill(parameters)
        let ids = try inputs.integers("ids", 32 * 16, below: 30522)
        return step(parameters, training: false) { pass in
            let places = positions().slice(axis: 0, 0..<16) + types().slice(axis: 0, 0..<1)
            return blocks(before(tokens(ids).reshaped(32, 16, 384) + places), pass).mean(axes: [1])
        }
    }

    /// Inference, or a step of AdamW on the mean square of the result, which returns the loss.
    private static func step(
        _ parameters: Parameters, training: Bool, _ network: @escaping (Pass) -> Tensor
    ) -> () -> Tensor {
        guard training else { return { network(.inference) } }
        for parameter in parameters.all { parameter.isFrozen = false }
        var optimizer = AdamW(groups: [.init(parameters: parameters.trainable, rate: 1e-4, decay: 0.01)])
        var number = 0
        return {
            number += 1
            let pass = Step(seed: 1, stage: 0, number: number)
            let loss = network(.training(pass)).square().mean()
            optimizer.step(loss.backward())
            pass.commit()
            return loss.detached()
        }
    }
}
