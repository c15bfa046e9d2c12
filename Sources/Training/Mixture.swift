import BinderyBinding
import BinderyLayers
import BinderyTensors

/// Clips mixed with others of their batch, the key `mix` of a tower's augmentation: the largest share of the other.
struct Mixture<Clip: Sendable>: Sendable {
    private let most: Float
    private let mixing: ClipMixing<Clip>

    /// Nil when `config` asks for none; throws when the share is no number from 0 to 1 or the encoder cannot mix.
    init?<E: Encoder>(of encoder: E, _ config: Config) throws where E.Clip == Clip {
        guard config["mix"] != nil else { return nil }
        most = Float(try config.number("mix", in: 0...1))
        guard let mixing = encoder.mixing else {
            throw ConfigError.inconsistent("augmentation has mix, but the clips of this encoder cannot be mixed")
        }
        self.mixing = mixing
    }

    /// `clip` of row `row` with a share of the first clip of another row.
    func callAsFunction(_ clip: Clip, _ row: Int, of batch: [[Clip]], _ random: RandomSource) -> Clip {
        guard batch.count > 1, most > 0 else { return clip }
        var random = random.split("mix")
        let other = (row + 1 + random.integer(below: batch.count - 1)) % batch.count
        return mixing(clip, batch[other][0], random.uniform(in: 0...most))
    }
}
