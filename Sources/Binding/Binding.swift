// The binding floor.
