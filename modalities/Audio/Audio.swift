// The Audio modality.
