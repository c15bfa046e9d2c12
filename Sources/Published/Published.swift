// The Published floor.
