"""Training: from folders of recordings to a model file. Imported as `kwspot.train`."""
