// The list of modalities.
