/// Why a command cannot go on with what it was given: one sentence and the next step.
struct Refusal: Error, CustomStringConvertible {
    let description: String

    init(_ sentence: String) { description = sentence }
}
