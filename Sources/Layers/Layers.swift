// The layers floor.
