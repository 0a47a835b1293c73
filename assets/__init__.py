"""The files that come with kwspot: the model, its card, a sample recording."""
