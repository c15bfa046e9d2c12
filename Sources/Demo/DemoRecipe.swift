import Foundation

/// The recipes of the demonstration; each is written beside what it made, so that anyone can run it again.
enum DemoRecipe {
    private static let image = """
            image:
              encoder: image/cnn
              config: {size: 28, channels: 1, widths: [16, 32, 64], embedding: 128}
              projection: linear
        """
    private static let audio = """
            audio:
              encoder: audio/cnn14
              config:
                widths: [8, 16, 32, 64]
                embedding: 0
                input: standardized
                seconds: 1
                short: zeros
                features: {rate: 8000, window: 256, hop: 80, bins: 40, low: 0, high: 4000}
                dropout: 0
                headDropout: 0
              projection: linear
        """
    private static let text = """
            text:
              encoder: text/cbow
              projection: linear
        """
    /// How sounds are learned, whatever they are bound to.
    private static func hearing(_ seed: UInt64) -> String {
        """
        training:
          seed: \(seed)
          epochs: 12
          batch: 50
          rate: 2e-3
          augmentation:
            audio:
              slide: 10
              gain: 6
              timeStripes: {count: 1, below: 15}
              binStripes: {count: 1, below: 6}
        """
    }

    /// Pictures and words, both from nothing but random word vectors.
    static func anchors(_ world: DemoWorld, _ seed: UInt64) -> String {
        """
        # Pictures of digits learn what words say.
        name: pictures-words
        space:
          width: 64
          towers:
        \(image)
        \(text)
              weights: \(quoted(world.folder.appending(path: "words.vec")))
          pairs: [[image, text]]
        loss: multi-positive
        freeze: [text]
        unfreeze: [text.projection]
        data:
          root: \(quoted(world.folder))
          train: pictures.csv
          columns: {image: path}
          group: label
          templates: ["{}", "the digit {}", "a picture of the number {}"]
        training: {seed: \(seed), epochs: 6, batch: 64, rate: 2e-3}

        """
    }

    /// Sounds and pictures; nothing of pictures and words moves.
    static func bound(_ world: DemoWorld, _ anchor: URL, _ seed: UInt64, shuffled: Bool = false) -> String {
        """
        # \(shuffled ? "The control: sounds meet pictures of any digit." : "Sounds of digits learn from pictures alone.")
        name: \(shuffled ? "shuffled" : "bound")
        space:
          width: 64
          towers:
        \(image)
              weights: \(quoted(anchor))
        \(text)
              weights: \(quoted(anchor))
        \(audio)
          pairs: [[audio, image]]
        freeze: [image, text]
        calibrate: [audio]
        data:
          root: \(quoted(world.folder))
          train: sounds.csv
          columns: {audio: path}
          match: {image: {table: pictures.csv, count: 5, shuffled: \(shuffled)}}
        \(hearing(seed))

        """
    }

    /// Sounds and words.
    static func direct(_ world: DemoWorld, _ anchor: URL, _ seed: UInt64) -> String {
        """
        # The ceiling: sounds learn from words themselves.
        name: direct
        space:
          width: 64
          towers:
        \(text)
              weights: \(quoted(anchor))
        \(audio)
          pairs: [[audio, text]]
        freeze: [text]
        calibrate: [audio]
        data:
          root: \(quoted(world.folder))
          train: sounds.csv
          columns: {audio: path}
          templates: ["{}", "the digit {}", "the number {}"]
        \(hearing(seed))

        """
    }

    private static func quoted(_ url: URL) -> String {
        "'" + url.path(percentEncoded: false).replacingOccurrences(of: "'", with: "''") + "'"
    }
}
