// The Image modality.
