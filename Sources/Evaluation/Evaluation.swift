// The Evaluation floor.
