<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de_DE">
<context>
    <name>Banner</name>
    <message>
        <source>Hide this message</source>
        <translation>Diese Meldung ausblenden</translation>
    </message>
</context>
<context>
    <name>Card</name>
    <message>
        <source>words</source>
        <translation>Wörter</translation>
    </message>
</context>
<context>
    <name>Chronicle</name>
    <message>
        <source>The history cannot be written: {0}. Words are still shown.</source>
        <translation>Der Verlauf kann nicht geschrieben werden: {0}. Wörter werden weiter angezeigt.</translation>
    </message>
</context>
<context>
    <name>ClipPlot</name>
    <message>
        <source>Picture of the detection</source>
        <translation>Bild des erkannten Wortes</translation>
    </message>
</context>
<context>
    <name>Controls</name>
    <message>
        <source>Start</source>
        <translation>Start</translation>
    </message>
    <message>
        <source>Start or stop listening (F5)</source>
        <translation>Zuhören beginnen oder beenden (F5)</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>Pause</translation>
    </message>
    <message>
        <source>Hold the picture; listening goes on (Ctrl+P)</source>
        <translation>Das Bild anhalten; zugehört wird weiter (Strg+P)</translation>
    </message>
    <message>
        <source>Open recording…</source>
        <translation>Aufnahme öffnen…</translation>
    </message>
    <message>
        <source>Listen to a recording instead (Ctrl+O), or drop one here</source>
        <translation>Stattdessen eine Aufnahme anhören (Strg+O), oder eine hierher ziehen</translation>
    </message>
    <message>
        <source>Sensitivity</source>
        <translation>Empfindlichkeit</translation>
    </message>
    <message>
        <source>Microphone</source>
        <translation>Mikrofon</translation>
    </message>
    <message>
        <source>The microphone to listen to</source>
        <translation>Das Mikrofon, dem zugehört wird</translation>
    </message>
    <message>
        <source>Speed of a recording</source>
        <translation>Tempo einer Aufnahme</translation>
    </message>
    <message>
        <source>How fast a recording runs</source>
        <translation>Wie schnell eine Aufnahme läuft</translation>
    </message>
    <message>
        <source>at once</source>
        <translation>sofort</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>Stopp</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>Weiter</translation>
    </message>
    <message>
        <source>none found</source>
        <translation>keines gefunden</translation>
    </message>
    <message>
        <source>Default microphone</source>
        <translation>Standardmikrofon</translation>
    </message>
    <message>
        <source>{0} (not there)</source>
        <translation>{0} (nicht da)</translation>
    </message>
    <message>
        <source>Recording: {0}</source>
        <translation>Aufnahme: {0}</translation>
    </message>
    <message>
        <source>Every threshold moved by {0}: to the right more is heard</source>
        <translation>Jede Schwelle um {0} verschoben: nach rechts wird mehr gehört</translation>
    </message>
    <message>
        <source>About {0} false alarms an hour are expected: to the right more is heard</source>
        <translation>Etwa {0} Fehlalarme in der Stunde sind zu erwarten: nach rechts wird mehr gehört</translation>
    </message>
</context>
<context>
    <name>CrashReporter</name>
    <message>
        <source>A fault of kwspot</source>
        <translation>Ein Fehler in kwspot</translation>
    </message>
    <message>
        <source>Something in kwspot failed; the rest goes on.</source>
        <translation>Etwas in kwspot ist fehlgeschlagen; der Rest läuft weiter.</translation>
    </message>
    <message>
        <source>If the window no longer does what it should, close it and start kwspot again. Please report the fault with the details below.</source>
        <translation>Wenn das Fenster nicht mehr tut, was es soll, schließen Sie es und starten Sie kwspot neu. Bitte melden Sie den Fehler mit den Einzelheiten unten.</translation>
    </message>
    <message>
        <source>They are in {0}, too.</source>
        <translation>Sie stehen auch in {0}.</translation>
    </message>
</context>
<context>
    <name>Display</name>
    <message>
        <source>Say one of the words below</source>
        <translation>Sagen Sie eines der Wörter unten</translation>
    </message>
    <message>
        <source>The words you say appear here</source>
        <translation>Hier erscheinen die Wörter, die Sie sagen</translation>
    </message>
    <message>
        <source>Press Start to listen, or drop a recording here</source>
        <translation>Mit Start zuhören, oder eine Aufnahme hierher ziehen</translation>
    </message>
</context>
<context>
    <name>Engine</name>
    <message>
        <source>{0} — File &gt; Settings chooses another model</source>
        <translation>{0} — Datei &gt; Modell wählt ein anderes</translation>
    </message>
    <message>
        <source>{0} results were dropped: this machine is too busy</source>
        <translation>{0} Ergebnisse gingen verloren: Dieser Rechner ist zu beschäftigt</translation>
    </message>
    <message>
        <source>Listening stopped by a fault of kwspot: {0}</source>
        <translation>Ein Fehler in kwspot hat das Zuhören beendet: {0}</translation>
    </message>
    <message>
        <source>{0} — trying again in {1} s</source>
        <translation>{0} — neuer Versuch in {1} s</translation>
    </message>
    <message>
        <source>{0} — trying again now</source>
        <translation>{0} — wird gerade wieder versucht</translation>
    </message>
</context>
<context>
    <name>HealthStrip</name>
    <message>
        <source>Latency: from a sound to the score that knows of it. Word: from the end of the last word to its report. Dropped: audio that was lost. CPU: of one core.</source>
        <translation>Verzögerung: von einem Laut bis zum Wert, der von ihm weiß. Wort: vom Ende des letzten Wortes bis zu seiner Meldung. Verloren: Ton, der fehlt. CPU: von einem Kern.</translation>
    </message>
    <message>
        <source>Nothing leaves this machine</source>
        <translation>Nichts verlässt diesen Rechner</translation>
    </message>
    <message>
        <source>latency {0} ms</source>
        <translation>Verzögerung {0} ms</translation>
    </message>
    <message>
        <source>word {0} ms</source>
        <translation>Wort {0} ms</translation>
    </message>
    <message>
        <source>dropped {0} s</source>
        <translation>verloren {0} s</translation>
    </message>
    <message>
        <source>{0} windows/s</source>
        <translation>{0} Fenster/s</translation>
    </message>
    <message>
        <source>CPU {0} %</source>
        <translation>CPU {0} %</translation>
    </message>
</context>
<context>
    <name>HistoryModel</name>
    <message>
        <source>Time</source>
        <translation>Zeit</translation>
    </message>
    <message>
        <source>Word</source>
        <translation>Wort</translation>
    </message>
    <message>
        <source>Score</source>
        <translation>Wert</translation>
    </message>
    <message>
        <source>not marked</source>
        <translation>nicht markiert</translation>
    </message>
    <message>
        <source>Marked as {0}</source>
        <translation>Markiert als {0}</translation>
    </message>
    <message>
        <source>Mark</source>
        <translation>Markierung</translation>
    </message>
</context>
<context>
    <name>HistoryPanel</name>
    <message>
        <source>Save the sound</source>
        <translation>Den Ton speichern</translation>
    </message>
    <message>
        <source>WAV (*.wav)</source>
        <translation>WAV (*.wav)</translation>
    </message>
    <message>
        <source>Comma-separated (*.csv);;JSON lines (*.jsonl)</source>
        <translation>Durch Kommas getrennt (*.csv);;JSON-Zeilen (*.jsonl)</translation>
    </message>
    <message>
        <source>Export the history</source>
        <translation>Den Verlauf exportieren</translation>
    </message>
    <message>
        <source>Saved: {0}</source>
        <translation>Gespeichert: {0}</translation>
    </message>
    <message>
        <source>Clear the history</source>
        <translation>Den Verlauf löschen</translation>
    </message>
    <message>
        <source>Forget every word heard so far, and the clips kept of them? Clips you marked stay.</source>
        <translation>Jedes bisher gehörte Wort vergessen, und die Aufnahmen davon? Was Sie markiert haben, bleibt.</translation>
    </message>
    <message>
        <source>A word was missed here:</source>
        <translation>Hier wurde ein Wort überhört:</translation>
    </message>
    <message>
        <source>Kept as a clip of “{0}” in {1}</source>
        <translation>Als Aufnahme von „{0}“ in {1} behalten</translation>
    </message>
    <message>
        <source>Kept as a clip in {0}</source>
        <translation>Als Aufnahme in {0} behalten</translation>
    </message>
</context>
<context>
    <name>HistoryTable</name>
    <message>
        <source>History of the words heard</source>
        <translation>Verlauf der gehörten Wörter</translation>
    </message>
    <message>
        <source>Up and Down choose a word; beside it is shown why it fired.</source>
        <translation>Auf und Ab wählen ein Wort; daneben steht, warum es gemeldet wurde.</translation>
    </message>
</context>
<context>
    <name>Keys</name>
    <message>
        <source>Space</source>
        <translation>Leertaste</translation>
    </message>
    <message>
        <source>Pause the picture (in the spectrogram)</source>
        <translation>Das Bild anhalten (im Spektrogramm)</translation>
    </message>
    <message>
        <source>Left, Right</source>
        <translation>Links, Rechts</translation>
    </message>
    <message>
        <source>Look back and forward (in the spectrogram)</source>
        <translation>Zurück und vor schauen (im Spektrogramm)</translation>
    </message>
    <message>
        <source>Page Up, Page Down</source>
        <translation>Bild auf, Bild ab</translation>
    </message>
    <message>
        <source>Look back and forward by a whole picture</source>
        <translation>Um ein ganzes Bild zurück und vor</translation>
    </message>
    <message>
        <source>Show less or more time (in the spectrogram)</source>
        <translation>Weniger oder mehr Zeit zeigen (im Spektrogramm)</translation>
    </message>
    <message>
        <source>End</source>
        <translation>Ende</translation>
    </message>
    <message>
        <source>Back to now (in the spectrogram)</source>
        <translation>Zurück zu jetzt (im Spektrogramm)</translation>
    </message>
    <message>
        <source>Right click, Menu</source>
        <translation>Rechtsklick, Menü</translation>
    </message>
    <message>
        <source>Mark a word that was missed (in the spectrogram)</source>
        <translation>Ein überhörtes Wort markieren (im Spektrogramm)</translation>
    </message>
    <message>
        <source>Click</source>
        <translation>Klick</translation>
    </message>
    <message>
        <source>Why a word fired (on its bracket in the spectrogram)</source>
        <translation>Warum ein Wort gemeldet wurde (auf seine Klammer im Spektrogramm)</translation>
    </message>
    <message>
        <source>Tab, Shift+Tab</source>
        <translation>Tab, Umschalt+Tab</translation>
    </message>
    <message>
        <source>To the next or last control</source>
        <translation>Zum nächsten oder vorigen Bedienelement</translation>
    </message>
    <message>
        <source>Move a threshold (on a word&apos;s bar)</source>
        <translation>Eine Schwelle verschieben (auf dem Balken eines Wortes)</translation>
    </message>
    <message>
        <source>Up, Down</source>
        <translation>Auf, Ab</translation>
    </message>
    <message>
        <source>Another entry (in the history)</source>
        <translation>Ein anderer Eintrag (im Verlauf)</translation>
    </message>
    <message>
        <source>Keys</source>
        <translation>Tasten</translation>
    </message>
</context>
<context>
    <name>LastWord</name>
    <message>
        <source>Last word</source>
        <translation>Letztes Wort</translation>
    </message>
    <message>
        <source>{0}, score {1}</source>
        <translation>{0}, Wert {1}</translation>
    </message>
    <message>
        <source>now</source>
        <translation>jetzt</translation>
    </message>
    <message>
        <source>{0} s ago</source>
        <translation>vor {0} s</translation>
    </message>
    <message>
        <source>{0} min ago</source>
        <translation>vor {0} min</translation>
    </message>
    <message>
        <source>over an hour ago</source>
        <translation>vor über einer Stunde</translation>
    </message>
</context>
<context>
    <name>LevelMeter</name>
    <message>
        <source>Input level</source>
        <translation>Eingangspegel</translation>
    </message>
    <message>
        <source>Input level in decibels below full scale. Red: too loud, clipped.</source>
        <translation>Eingangspegel in Dezibel unter Vollaussteuerung. Rot: zu laut, übersteuert.</translation>
    </message>
    <message>
        <source>too loud, clipped</source>
        <translation>zu laut, übersteuert</translation>
    </message>
    <message>
        <source>CLIP</source>
        <translation>ZU LAUT</translation>
    </message>
    <message>
        <source>quiet</source>
        <translation>still</translation>
    </message>
</context>
<context>
    <name>LevelStrip</name>
    <message>
        <source>Level of the last seconds</source>
        <translation>Pegel der letzten Sekunden</translation>
    </message>
    <message>
        <source>Level</source>
        <translation>Pegel</translation>
    </message>
</context>
<context>
    <name>Loader</name>
    <message>
        <source>The model cannot be loaded: {0}</source>
        <translation>Das Modell kann nicht geladen werden: {0}</translation>
    </message>
</context>
<context>
    <name>MainWindow</name>
    <message>
        <source>Recordings ({0});;All files (*)</source>
        <translation>Aufnahmen ({0});;Alle Dateien (*)</translation>
    </message>
    <message>
        <source>Open a recording</source>
        <translation>Eine Aufnahme öffnen</translation>
    </message>
    <message>
        <source>Controls</source>
        <translation>Bedienung</translation>
    </message>
    <message>
        <source>Words</source>
        <translation>Wörter</translation>
    </message>
    <message>
        <source>History</source>
        <translation>Verlauf</translation>
    </message>
    <message>
        <source>Why it fired</source>
        <translation>Warum gemeldet</translation>
    </message>
</context>
<context>
    <name>Marks</name>
    <message>
        <source>right</source>
        <translation>richtig</translation>
    </message>
    <message>
        <source>wrong</source>
        <translation>falsch</translation>
    </message>
</context>
<context>
    <name>Menus</name>
    <message>
        <source>&amp;File</source>
        <translation>&amp;Datei</translation>
    </message>
    <message>
        <source>&amp;Open recording…</source>
        <translation>Aufnahme ö&amp;ffnen…</translation>
    </message>
    <message>
        <source>&amp;Export the history…</source>
        <translation>Verlauf e&amp;xportieren…</translation>
    </message>
    <message>
        <source>&amp;Clear the history…</source>
        <translation>Verlauf &amp;löschen…</translation>
    </message>
    <message>
        <source>&amp;Settings…</source>
        <translation>&amp;Einstellungen…</translation>
    </message>
    <message>
        <source>&amp;Quit</source>
        <translation>&amp;Beenden</translation>
    </message>
    <message>
        <source>&amp;Listen</source>
        <translation>&amp;Zuhören</translation>
    </message>
    <message>
        <source>&amp;Start or stop</source>
        <translation>&amp;Start oder Stopp</translation>
    </message>
    <message>
        <source>&amp;Pause the picture</source>
        <translation>Das Bild an&amp;halten</translation>
    </message>
    <message>
        <source>Find &amp;microphones</source>
        <translation>&amp;Mikrofone suchen</translation>
    </message>
    <message>
        <source>&amp;Thresholds as the model has them</source>
        <translation>S&amp;chwellen, wie das Modell sie hat</translation>
    </message>
    <message>
        <source>&amp;View</source>
        <translation>&amp;Ansicht</translation>
    </message>
    <message>
        <source>Back to &amp;now</source>
        <translation>Zurück zu &amp;jetzt</translation>
    </message>
    <message>
        <source>&amp;Less time</source>
        <translation>&amp;Weniger Zeit</translation>
    </message>
    <message>
        <source>&amp;More time</source>
        <translation>&amp;Mehr Zeit</translation>
    </message>
    <message>
        <source>Lo&amp;garithmic frequencies</source>
        <translation>Lo&amp;garithmische Frequenzen</translation>
    </message>
    <message>
        <source>&amp;Colours</source>
        <translation>&amp;Farben</translation>
    </message>
    <message>
        <source>&amp;Theme</source>
        <translation>&amp;Thema</translation>
    </message>
    <message>
        <source>As the system</source>
        <translation>Wie das System</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>Hell</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>Dunkel</translation>
    </message>
    <message>
        <source>Large te&amp;xt</source>
        <translation>G&amp;roße Schrift</translation>
    </message>
    <message>
        <source>&amp;Reduced motion</source>
        <translation>Weniger &amp;Bewegung</translation>
    </message>
    <message>
        <source>&amp;Help</source>
        <translation>&amp;Hilfe</translation>
    </message>
    <message>
        <source>&amp;Keys</source>
        <translation>&amp;Tasten</translation>
    </message>
</context>
<context>
    <name>ModelMenu</name>
    <message>
        <source>&amp;Model</source>
        <translation>&amp;Modell</translation>
    </message>
    <message>
        <source>The &amp;bundled model</source>
        <translation>Das mit&amp;gelieferte Modell</translation>
    </message>
    <message>
        <source>{0} (not there)</source>
        <translation>{0} (nicht da)</translation>
    </message>
    <message>
        <source>&amp;Open a model…</source>
        <translation>Ein Modell &amp;öffnen…</translation>
    </message>
    <message>
        <source>Models (*.safetensors);;All files (*)</source>
        <translation>Modelle (*.safetensors);;Alle Dateien (*)</translation>
    </message>
    <message>
        <source>Open a model</source>
        <translation>Ein Modell öffnen</translation>
    </message>
</context>
<context>
    <name>Settings</name>
    <message>
        <source>the settings could not be read: they are kept as {0}, and all is as at first</source>
        <translation>Die Einstellungen waren nicht lesbar: Sie sind als {0} aufgehoben, und alles ist wie am Anfang</translation>
    </message>
</context>
<context>
    <name>SettingsDialog</name>
    <message>
        <source>Settings</source>
        <translation>Einstellungen</translation>
    </message>
    <message>
        <source>&amp;Model</source>
        <translation>&amp;Modell</translation>
    </message>
    <message>
        <source>&amp;Look</source>
        <translation>&amp;Aussehen</translation>
    </message>
    <message>
        <source>&amp;History and privacy</source>
        <translation>&amp;Verlauf und Privates</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>Modell</translation>
    </message>
    <message>
        <source>The file of the model that listens</source>
        <translation>Die Datei des Modells, das zuhört</translation>
    </message>
    <message>
        <source>Open…</source>
        <translation>Öffnen…</translation>
    </message>
    <message>
        <source>Choose the file of another model</source>
        <translation>Die Datei eines anderen Modells wählen</translation>
    </message>
    <message>
        <source>Model file</source>
        <translation>Modelldatei</translation>
    </message>
    <message>
        <source>What the model says of itself</source>
        <translation>Was das Modell von sich sagt</translation>
    </message>
    <message>
        <source>Words, figures, data and licence</source>
        <translation>Wörter, Zahlen, Daten und Lizenz</translation>
    </message>
    <message>
        <source>The best there is</source>
        <translation>Der beste, den es gibt</translation>
    </message>
    <message>
        <source>Processor</source>
        <translation>Prozessor</translation>
    </message>
    <message>
        <source>Decide every</source>
        <translation>Entscheiden alle</translation>
    </message>
    <message>
        <source>Listen as soon as the app opens</source>
        <translation>Zuhören, sobald die App offen ist</translation>
    </message>
    <message>
        <source>To the microphone that was chosen last</source>
        <translation>Dem Mikrofon, das zuletzt gewählt war</translation>
    </message>
    <message>
        <source>As the system</source>
        <translation>Wie das System</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>Hell</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>Dunkel</translation>
    </message>
    <message>
        <source>Theme</source>
        <translation>Thema</translation>
    </message>
    <message>
        <source>Colours of the spectrogram</source>
        <translation>Farben des Spektrogramms</translation>
    </message>
    <message>
        <source>Darkest colour</source>
        <translation>Dunkelste Farbe</translation>
    </message>
    <message>
        <source>Brightest colour</source>
        <translation>Hellste Farbe</translation>
    </message>
    <message>
        <source>to</source>
        <translation>bis</translation>
    </message>
    <message>
        <source>Colour scale from</source>
        <translation>Farbskala von</translation>
    </message>
    <message>
        <source>Pictures a second</source>
        <translation>Bilder pro Sekunde</translation>
    </message>
    <message>
        <source>Logarithmic frequencies</source>
        <translation>Logarithmische Frequenzen</translation>
    </message>
    <message>
        <source>Gives low frequencies more room</source>
        <translation>Gibt tiefen Frequenzen mehr Platz</translation>
    </message>
    <message>
        <source>Large text</source>
        <translation>Große Schrift</translation>
    </message>
    <message>
        <source>A third larger, all over the window</source>
        <translation>Ein Drittel größer, im ganzen Fenster</translation>
    </message>
    <message>
        <source>Reduced motion: no fading, 10 pictures a second</source>
        <translation>Weniger Bewegung: kein Verblassen, 10 Bilder pro Sekunde</translation>
    </message>
    <message>
        <source>For people whom motion disturbs, and for slow machines</source>
        <translation>Für Menschen, die Bewegung stört, und für langsame Rechner</translation>
    </message>
    <message>
        <source>Nothing leaves this machine. The history holds words and times; sound is kept only of words you mark, or if you turn it on here.</source>
        <translation>Nichts verlässt diesen Rechner. Der Verlauf enthält Wörter und Zeiten; Ton wird nur von Wörtern behalten, die Sie markieren, oder wenn Sie es hier einschalten.</translation>
    </message>
    <message>
        <source> days</source>
        <translation> Tage</translation>
    </message>
    <message>
        <source>Keep the history for</source>
        <translation>Den Verlauf behalten für</translation>
    </message>
    <message>
        <source>Keep the sound of every word</source>
        <translation>Den Ton jedes Wortes behalten</translation>
    </message>
    <message>
        <source>The oldest gives way where it becomes too much</source>
        <translation>Das Älteste weicht, wo es zu viel wird</translation>
    </message>
    <message>
        <source>At most</source>
        <translation>Höchstens</translation>
    </message>
    <message>
        <source>Clear the history…</source>
        <translation>Verlauf löschen…</translation>
    </message>
    <message>
        <source>Forget every word, and the kept sound of those not marked</source>
        <translation>Jedes Wort vergessen, und den behaltenen Ton derer, die nicht markiert sind</translation>
    </message>
    <message>
        <source>Show the folder</source>
        <translation>Den Ordner zeigen</translation>
    </message>
    <message>
        <source>Where the history and the clips are</source>
        <translation>Wo der Verlauf und die Aufnahmen liegen</translation>
    </message>
    <message>
        <source>Size of the kept sound at most</source>
        <translation>Der behaltene Ton höchstens</translation>
    </message>
    <message>
        <source>{0} MB are used</source>
        <translation>{0} MB sind belegt</translation>
    </message>
    <message>
        <source>The bundled model</source>
        <translation>Das mitgelieferte Modell</translation>
    </message>
</context>
<context>
    <name>Spectrogram</name>
    <message>
        <source>Spectrogram</source>
        <translation>Spektrogramm</translation>
    </message>
    <message>
        <source>What the microphone hears. Left and Right look back and forth, plus and minus change how much time is shown, Space pauses, End returns to now.</source>
        <translation>Was das Mikrofon hört. Links und Rechts schauen zurück und vor, Plus und Minus ändern, wie viel Zeit zu sehen ist, die Leertaste hält an, Ende kehrt zu jetzt zurück.</translation>
    </message>
    <message>
        <source>Held  ·  {0} goes on</source>
        <translation>Angehalten  ·  weiter mit {0}</translation>
    </message>
    <message>
        <source>no audio</source>
        <translation>kein Ton</translation>
    </message>
</context>
<context>
    <name>State</name>
    <message>
        <source>Stopped</source>
        <translation>Angehalten</translation>
    </message>
    <message>
        <source>Loading the model</source>
        <translation>Das Modell wird geladen</translation>
    </message>
    <message>
        <source>Opening the sound</source>
        <translation>Der Ton wird geöffnet</translation>
    </message>
    <message>
        <source>Listening to {0}</source>
        <translation>Hört {0} zu</translation>
    </message>
    <message>
        <source>End of {0}</source>
        <translation>Ende von {0}</translation>
    </message>
    <message>
        <source>Not listening</source>
        <translation>Hört nicht zu</translation>
    </message>
    <message>
        <source>No sound comes from the microphone</source>
        <translation>Vom Mikrofon kommt kein Ton</translation>
    </message>
    <message>
        <source>This machine is too busy: some sound is not heard</source>
        <translation>Dieser Rechner ist überlastet: Ton geht verloren</translation>
    </message>
    <message>
        <source>{0} is damaged</source>
        <translation>{0} ist beschädigt</translation>
    </message>
    <message>
        <source>Listening to {0}, with trouble</source>
        <translation>Hört {0} zu, mit Störungen</translation>
    </message>
    <message>
        <source>Waiting for the microphone</source>
        <translation>Wartet auf das Mikrofon</translation>
    </message>
    <message>
        <source>Waiting for the microphone: trying again now</source>
        <translation>Wartet auf das Mikrofon: wird gerade wieder versucht</translation>
    </message>
    <message>
        <source>Waiting for the microphone: trying again in {0} s</source>
        <translation>Wartet auf das Mikrofon: neuer Versuch in {0} s</translation>
    </message>
    <message>
        <source>the default microphone</source>
        <translation>dem Standardmikrofon</translation>
    </message>
</context>
<context>
    <name>VerdictList</name>
    <message>
        <source>Conditions of the detection</source>
        <translation>Bedingungen der Meldung</translation>
    </message>
    <message>
        <source>What was measured, beside what was asked for</source>
        <translation>Was gemessen wurde, neben dem, was verlangt ist</translation>
    </message>
</context>
<context>
    <name>Verdicts</name>
    <message>
        <source>Score</source>
        <translation>Wert</translation>
    </message>
    <message>
        <source>Next “{0}”</source>
        <translation>Danach „{0}“</translation>
    </message>
    <message>
        <source>Over others</source>
        <translation>Vor den übrigen</translation>
    </message>
    <message>
        <source>Length</source>
        <translation>Länge</translation>
    </message>
    <message>
        <source>Ended since</source>
        <translation>Vorbei seit</translation>
    </message>
    <message>
        <source>Going on since</source>
        <translation>Im Gang seit</translation>
    </message>
    <message>
        <source>Speech before</source>
        <translation>Rede davor</translation>
    </message>
    <message>
        <source>In last word</source>
        <translation>Im vorigen Wort</translation>
    </message>
</context>
<context>
    <name>WhyView</name>
    <message>
        <source>▶ Play</source>
        <translation>▶ Abspielen</translation>
    </message>
    <message>
        <source>Play the sound of the word</source>
        <translation>Den Ton des Wortes abspielen</translation>
    </message>
    <message>
        <source>Save…</source>
        <translation>Speichern…</translation>
    </message>
    <message>
        <source>Save the sound as a WAV</source>
        <translation>Den Ton als WAV speichern</translation>
    </message>
    <message>
        <source>✓ Right</source>
        <translation>✓ Richtig</translation>
    </message>
    <message>
        <source>The word was said: keep the clip for training</source>
        <translation>Das Wort wurde gesagt: die Aufnahme zum Trainieren behalten</translation>
    </message>
    <message>
        <source>✗ Wrong</source>
        <translation>✗ Falsch</translation>
    </message>
    <message>
        <source>Something else was said: keep the clip as that</source>
        <translation>Etwas anderes wurde gesagt: die Aufnahme als das behalten</translation>
    </message>
    <message>
        <source>Another word, or a noise</source>
        <translation>Ein anderes Wort, oder ein Geräusch</translation>
    </message>
    <message>
        <source>Nothing</source>
        <translation>Nichts</translation>
    </message>
    <message>
        <source>Choose a word in the history to see why it fired</source>
        <translation>Wählen Sie ein Wort im Verlauf, um zu sehen, warum es gemeldet wurde</translation>
    </message>
    <message>
        <source>“{0}”  {1}  ·  {2}</source>
        <translation>„{0}“  {1}  ·  {2}</translation>
    </message>
    <message>
        <source>Score {0}, threshold {1}</source>
        <translation>Wert {0}, Schwelle {1}</translation>
    </message>
    <message>
        <source>Its sound was not kept. File &gt; Settings &gt; History and privacy can keep it.</source>
        <translation>Sein Ton wurde nicht behalten. Datei &gt; Einstellungen &gt; Verlauf und Privates kann ihn behalten.</translation>
    </message>
    <message>
        <source>Next: the word with the second highest score. Over others: over other speech and silence. Ended since: from the end of the word to the decision, as far as that looked. Speech before: evidence of other speech that leads up to the word. In last word: the part that lies within the word reported before.</source>
        <translation>Danach: das Wort mit dem zweithöchsten Wert. Vor den übrigen: vor anderer Rede und Stille. Vorbei seit: vom Ende des Wortes bis zur Entscheidung, soweit diese sah. Rede davor: was davor für andere Rede spricht. Im vorigen Wort: der Teil, der in dem Wort liegt, das zuvor gemeldet wurde.</translation>
    </message>
</context>
<context>
    <name>WordBars</name>
    <message>
        <source>Report “{0}”</source>
        <translation>„{0}“ melden</translation>
    </message>
    <message>
        <source>Scores of all words</source>
        <translation>Werte aller Wörter</translation>
    </message>
    <message>
        <source>“{0}” is reported from a score of {1} on; drag the mark</source>
        <translation>„{0}“ wird ab einem Wert von {1} gemeldet; ziehen Sie die Marke</translation>
    </message>
    <message>
        <source>No word is reported while “{0}” scores above {1}; drag the mark</source>
        <translation>Kein Wort wird gemeldet, solange „{0}“ einen Wert über {1} hat; ziehen Sie die Marke</translation>
    </message>
    <message>
        <source>Drag the mark, and no word is reported while “{0}” scores above it</source>
        <translation>Ziehen Sie die Marke, dann wird kein Wort gemeldet, solange „{0}“ über ihr liegt</translation>
    </message>
    <message>
        <source>Ceiling of {0}</source>
        <translation>Obergrenze von {0}</translation>
    </message>
    <message>
        <source>Threshold of {0}</source>
        <translation>Schwelle von {0}</translation>
    </message>
</context>
<context>
    <name>Words</name>
    <message>
        <source>other speech</source>
        <translation>andere Rede</translation>
    </message>
    <message>
        <source>silence</source>
        <translation>Stille</translation>
    </message>
</context>
</TS>
