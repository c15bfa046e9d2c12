import BinderyBinding
import BinderyLayers

extension FileShapes {
    /// What the shapes of a CNN14 say; nil when these are of none.
    struct CNN14 {
        let widths: [Int]
        /// In every block, and how large they are.
        let convolutions: Int
        let kernel: Int
        let embedding: Int
        let bins: Int
        /// Frequencies of the spectrum, where the file holds the front end's own tensors.
        let spectrum: Int?
        /// Blocks of each residual layer, and whether these are of three convolutions.
        let residual: [Int]
        let isNarrow: Bool
        /// The widths of the layers that hear samples.
        let wave: [Int]
        /// Whether nothing but those leads to the second block.
        let isWaveAlone: Bool
        /// Whether an attention weighs what is decided for every part of a sound.
        let decidesLocally: Bool
    }

    /// The sizes of a CNN14 as PANNs spells it.
    var cnn14: CNN14? {
        guard self["conv_block1.conv1.weight"]?.count == 4, let bins = self["bn0.weight", 0],
            let embedding = self["fc1.weight", 0]
        else { return nil }
        let blocks = count(most: 12) { "conv_block\($0 + 1).conv1.weight" }
        var widths = (0..<blocks).compactMap { self["conv_block\($0 + 1).conv1.weight", 0] }
        if let after = self["conv_block_after1.conv1.weight", 0] { widths.append(after) }
        let layers = count(most: 8) { "resnet.layer\($0 + 1).0.conv1.weight" }
        let wave = (["pre_conv0"] + (1...4).map { "pre_block\($0).conv1" }).compactMap { self["\($0).weight", 0] }
        return CNN14(
            widths: widths,
            convolutions: count(most: 8) { "conv_block1.conv\($0 + 1).weight" },
            kernel: self["conv_block1.conv1.weight", 3] ?? 3, embedding: embedding, bins: bins, spectrum: spectrum,
            residual: (1...max(layers, 1)).map { layer in
                count(most: 256) { "resnet.layer\(layer).\($0).conv1.weight" }
            }.filter { $0 > 0 }, isNarrow: self["resnet.layer1.0.conv3.weight"] != nil, wave: wave,
            isWaveAlone: wave.count == 5 && self["conv_block2.conv1.weight", 1] == wave.last,
            decidesLocally: self["att_block.att.weight"] != nil)
    }

    /// Frequencies of the spectrum that torchlibrosa's front end makes; nil where its tensors are not in the file.
    var spectrum: Int? {
        self["logmel_extractor.melW", 0] ?? self["spectrogram_extractor.stft.conv_real.weight", 0]
    }

    /// The configuration of `audio/htsat` without `features`, for an HTSAT as its authors spell it; nil when these shapes
    /// are of none.
    var htsat: Config? {
        guard let patches = self["patch_embed.proj.weight"], patches.count == 4, let bins = self["bn0.weight", 0],
            bins > 0
        else { return nil }
        let stages = count(most: 8) { "layers.\($0).blocks.0.attn.proj.weight" }
        let first = "layers.0.blocks.0.attn"
        guard stages > 0, self["\(first).relative_position_bias_table"]?.count == 2,
            let narrow = self["layers.0.blocks.0.mlp.fc1.weight"], narrow.count == 2
        else { return nil }
        let heads = (0..<stages).map { self["layers.\($0).blocks.0.attn.relative_position_bias_table", 1] ?? 1 }
        let depths = (0..<stages).map { stage in
            count(most: 256) { "layers.\(stage).blocks.\($0).attn.proj.weight" }
        }
        func window(of stage: Int) -> Int {
            let rows = self["layers.\(stage).blocks.0.attn.relative_position_bias_table", 0] ?? 1
            return (Int(Double(rows).squareRoot().rounded()) + 1) / 2
        }
        // Only the masks of shifted windows, and windows that shrank to their map, know the size of the picture.
        let masked = (0..<stages).compactMap { stage -> Int? in
            guard let windows = self["layers.\(stage).blocks.1.attn_mask", 0] else { return nil }
            return (Int(Double(windows).squareRoot().rounded()) * window(of: stage) * patches[3]) << stage
        }
        let shrunk = (0..<stages).first { window(of: $0) < window(of: 0) }.map { (window(of: $0) * patches[3]) << $0 }
        return [
            "width": .integer(patches[0]), "patch": .integer(patches[3]),
            "size": .integer(masked.first ?? shrunk ?? 256),
            "depths": .list(depths.map { .integer($0) }), "heads": .list(heads.map { .integer($0) }),
            "window": .integer(window(of: 0)), "expansion": .number(Double(narrow[0]) / Double(max(narrow[1], 1))),
            "bias": .bool(self["\(first).qkv.bias"] != nil),
            "fusion": .bool(self["patch_embed.mel_conv2d.weight"] != nil),
        ]
    }
}

extension FileShapes {
    /// The hub's words for the sizes of a BERT or RoBERTa; nil when these shapes are of none.
    ///
    /// Its heads are 64 wide unless `heads` says how many there are.
    func bert(heads: Int?) -> Config? {
        guard let table = self["embeddings.word_embeddings.weight"], table.count == 2,
            let positions = self["embeddings.position_embeddings.weight", 0]
        else { return nil }
        let layers = count { "encoder.layer.\($0).attention.self.query.weight" }
        return [
            "vocab_size": .integer(table[0]), "hidden_size": .integer(table[1]),
            "num_hidden_layers": .integer(layers), "num_attention_heads": .integer(heads ?? max(table[1] / 64, 1)),
            "intermediate_size": .integer(self["encoder.layer.0.intermediate.dense.weight", 0] ?? 4 * table[1]),
            "max_position_embeddings": .integer(positions),
            "type_vocab_size": .integer(self["embeddings.token_type_embeddings.weight", 0] ?? 0),
        ]
    }

    /// The configuration of `text/gpt2` for a GPT-2; nil when these shapes are of none.
    func gpt2(heads: Int?) -> Config? {
        guard let table = self["wte.weight"], table.count == 2, let positions = self["wpe.weight", 0] else {
            return nil
        }
        return [
            "vocabulary": .integer(table[0]), "width": .integer(table[1]), "positions": .integer(positions),
            "layers": .integer(count { "h.\($0).attn.c_attn.weight" }),
            "heads": .integer(heads ?? max(table[1] / 64, 1)),
            "hidden": .integer(self["h.0.mlp.c_fc.weight", 1] ?? 4 * table[1]),
        ]
    }
}
