"""How files that hold recordings end."""

SUFFIXES = frozenset(
    {
        ".aif",
        ".aifc",
        ".aiff",
        ".au",
        ".caf",
        ".flac",
        ".mp3",
        ".oga",
        ".ogg",
        ".opus",
        ".rf64",
        ".snd",
        ".w64",
        ".wav",
        ".wave",
    }
)
"""Lower case; of what is found in a folder, nothing else is opened."""
