"""Audio in and out: microphones, recordings, arrays, resampling, recording."""
