// The Text modality.
