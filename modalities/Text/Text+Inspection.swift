import BinderyBinding

extension Inspection {
    /// Sentences about unlike things.
    static let texts = Inspection {
        [
            "a dog barking", "rain falling on a tin roof", "the sound of a violin", "a red car on a mountain road",
            "two people laughing", "an old letter written by hand", "a chainsaw", "snow", "a bowl of noodle soup",
            "the square root of two", "a baby crying at night", "a train passing through a station", "a blue whale",
            "an empty room", "applause after a concert", "a map of the city", "boiling water", "a crowded market",
            "a clock ticking", "sunrise over the desert", "a page of source code", "footsteps on gravel", "a tall tree",
            "the number seven",
        ].map { .text($0) }
    }
}
