"""The desktop app: the microphone's picture, the words and their history in one window."""
