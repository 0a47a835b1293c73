<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de_DE">
<context>
    <name>Banner</name>
    <message>
        <source>Hide this message</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Card</name>
    <message>
        <source>words</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Chronicle</name>
    <message>
        <source>The history cannot be written: {0}. Words are still shown.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ClipPlot</name>
    <message>
        <source>Picture of the detection</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Controls</name>
    <message>
        <source>Start</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Start or stop listening (F5)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Pause</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Hold the picture; listening goes on (Ctrl+P)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open recording…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Listen to a recording instead (Ctrl+O), or drop one here</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Sensitivity</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Microphone</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The microphone to listen to</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Speed of a recording</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>How fast a recording runs</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>at once</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stop</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Resume</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>none found</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Default microphone</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} (not there)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Recording: {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Every threshold moved by {0}: to the right more is heard</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>CrashReporter</name>
    <message>
        <source>A fault of kwspot</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Something in kwspot failed; the rest goes on.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>If the window no longer does what it should, close it and start kwspot again. Please report the fault with the details below.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>They are in {0}, too.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Display</name>
    <message>
        <source>Stopped</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Loading the model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Opening the sound</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Listening to {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Waiting for the microphone</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>End of {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Not listening</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Say one of the words below</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The words you say appear here</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Press Start to listen, or drop a recording here</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Engine</name>
    <message>
        <source>{0} — File &gt; Settings chooses another model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} results were dropped: this machine is too busy</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Listening stopped by a fault of kwspot: {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} — trying again in {1} s</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>HealthStrip</name>
    <message>
        <source>Latency: from a sound to the score that knows of it. Word: from the end of the last word to its report. Dropped: audio that was lost. CPU: of one core.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing leaves this machine</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>latency {0} ms</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>word {0} ms</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>dropped {0} s</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} windows/s</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>CPU {0} %</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>HistoryModel</name>
    <message>
        <source>Time</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Word</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Score</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>not marked</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Marked as {0}</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>HistoryPanel</name>
    <message>
        <source>Save the sound</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>WAV (*.wav)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Comma-separated (*.csv);;JSON lines (*.jsonl)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Export the history</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Saved: {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Clear the history</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Forget every word heard so far, and the clips kept of them? Clips you marked stay.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A word was missed here:</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Kept as a clip of “{0}” in {1}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Kept as a clip in {0}</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>HistoryTable</name>
    <message>
        <source>History of the words heard</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Keys</name>
    <message>
        <source>Space</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Pause the picture (in the spectrogram)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Left, Right</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Look back and forward (in the spectrogram)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Page Up, Page Down</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Look back and forward by a whole picture</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show less or more time (in the spectrogram)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>End</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Back to now (in the spectrogram)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Right click, Menu</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Mark a word that was missed (in the spectrogram)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Click</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Why a word fired (on its bracket in the spectrogram)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Tab, Shift+Tab</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>To the next or last control</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Move a threshold (on a word&apos;s bar)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Up, Down</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Another entry (in the history)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Keys</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>LastWord</name>
    <message>
        <source>Last word</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0}, score {1}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>now</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} s ago</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} min ago</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>over an hour ago</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>LevelMeter</name>
    <message>
        <source>Input level</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Input level in decibels below full scale. Red: too loud, clipped.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>too loud, clipped</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>CLIP</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>quiet</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>LevelStrip</name>
    <message>
        <source>Level of the last seconds</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Level</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Loader</name>
    <message>
        <source>The model cannot be loaded: {0}</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>MainWindow</name>
    <message>
        <source>Recordings ({0});;All files (*)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open a recording</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Controls</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Words</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>History</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Why it fired</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Marks</name>
    <message>
        <source>right</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>wrong</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Menus</name>
    <message>
        <source>&amp;File</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Open recording…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Export the history…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Clear the history…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Settings…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Quit</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Listen</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Start or stop</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Pause the picture</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Find &amp;microphones</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Thresholds as the model has them</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;View</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Back to &amp;now</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Less time</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;More time</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Lo&amp;garithmic frequencies</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Colours</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Theme</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>As the system</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Light</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Dark</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Large te&amp;xt</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Reduced motion</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Help</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Keys</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ModelMenu</name>
    <message>
        <source>&amp;Model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The &amp;bundled model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} (not there)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Open a model…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Models (*.safetensors);;All files (*)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open a model</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Settings</name>
    <message>
        <source>the settings could not be read: they are kept as {0}, and all is as at first</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>SettingsDialog</name>
    <message>
        <source>Settings</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Look</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;History and privacy</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Model file</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What the model says of itself</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The best there is</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Processor</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Decide every</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Listen as soon as the app opens</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>As the system</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Light</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Dark</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Theme</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Colours of the spectrogram</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>to</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Colour scale from</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Pictures a second</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Logarithmic frequencies</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Large text</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Reduced motion: no fading, 10 pictures a second</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing leaves this machine. The history holds words and times; sound is kept only of words you mark, or if you turn it on here.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source> days</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Keep the history for</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Keep the sound of every word</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>At most</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Clear the history…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show the folder</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} MB are used</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The bundled model</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Spectrogram</name>
    <message>
        <source>Spectrogram</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What the microphone hears. Left and Right look back and forth, plus and minus change how much time is shown, Space pauses, End returns to now.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Held  ·  {0} goes on</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>no audio</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Verdicts</name>
    <message>
        <source>Score</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Next “{0}”</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Over others</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Length</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Ended since</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Going on since</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Speech before</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>In last word</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>WhyView</name>
    <message>
        <source>▶ Play</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Save…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Save the sound as a WAV</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>✓ Right</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The word was said: keep the clip for training</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>✗ Wrong</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Something else was said: keep the clip as that</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Conditions of the detection</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Another word, or a noise</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose a word in the history to see why it fired</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Score {0}, threshold {1}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Its sound was not kept. Settings &gt; Keep clips keeps the sound of every word.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Next: the word with the second highest score. Over others: over other speech and silence. Ended since: from the end of the word to the decision, as far as that looked. Speech before: evidence of other speech that leads up to the word. In last word: the part that lies within the word reported before.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>WordBars</name>
    <message>
        <source>Report “{0}”</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Scores of all words</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>“{0}” is reported from a score of {1} on; drag the mark</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Threshold of {0}, percent</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Score of {0}</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Words</name>
    <message>
        <source>other speech</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>silence</source>
        <translation type="unfinished"></translation>
    </message>
</context>
</TS>
