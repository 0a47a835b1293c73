"""What is played through the loudspeaker is what was given: the virtual microphone hears it."""

import subprocess
import sys

from commands import Running
from virtual_microphone import VirtualMicrophone
from words import said

PLAY = """
from kwspot.audio.player import play
from words import said, sample
play(sample()[: round(16_000 * (said()[0].end_s + 0.4))])
"""


def test_a_clip_is_heard(virtual_microphone: VirtualMicrophone) -> None:
    with Running("listen", "--json", env=virtual_microphone.env) as listening:
        listening.wait_for(type="status", state="listening")
        env = {**virtual_microphone.env, "PYTHONPATH": ":".join(sys.path)}
        subprocess.run([sys.executable, "-c", PLAY], env=env, check=True, timeout=60)
        assert listening.wait_for(15.0, type="detection")["label"] == said()[0].word
