extension LogMel {
    /// PANNs at 32 kHz: Cnn14 of AudioSet (Kong and others 2020).
    public static let panns = LogMel(rate: 32000, window: 1024, hop: 320, bins: 64, low: 50, high: 14000)

    /// Microsoft CLAP 2022, at 44.1 kHz (Elizalde and others 2023).
    public static let msclap2022 = LogMel(rate: 44100, window: 1024, hop: 320, bins: 64, low: 50, high: 14000)

    /// LAION CLAP without fusion, as transformers computes it for `rand_trunc` (Wu and others 2023).
    public static let clap = LogMel(rate: 48000, window: 1024, hop: 480, bins: 64, low: 50, high: 14000)

    /// LAION CLAP with fusion: HTK mels without area normalisation (Wu and others 2023).
    public static let clapFused = clap.with { mel in
        mel.scale = .htk
        mel.isAreaNormalised = false
    }

    /// librosa's `melspectrogram` followed by `power_to_db` with `top_db` 80.
    public static let librosa = LogMel(rate: 48000, window: 1024, hop: 480, bins: 64, low: 0, high: 24000)
        .with { mel in
            mel.edges = .silent
            mel.range = 80
        }

    /// Kaldi's filter bank as torchaudio computes it for ImageBind (Girdhar and others 2023), before its normalisation.
    public static let imageBind = LogMel(rate: 16000, window: 400, hop: 160, bins: 128, low: 20, high: 8000)
        .with { mel in
            mel.transform = 512
            mel.taper = .symmetricHann
            mel.edges = .snipped
            mel.removesMean = true
            mel.removesOffset = true
            mel.preEmphasis = 0.97
            mel.scale = .kaldi
            mel.isAreaNormalised = false
            mel.level = .natural
            mel.floor = .ulpOfOne
        }

    /// A copy with changes.
    public func with(_ change: (inout LogMel) -> Void) -> LogMel {
        var copy = self
        change(&copy)
        return copy
    }
}
