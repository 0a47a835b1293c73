"""From samples to words: frames, network, detector, and the thread that listens."""
