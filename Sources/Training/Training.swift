// The Training floor.
