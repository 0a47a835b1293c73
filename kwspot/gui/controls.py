"""The row of controls: start, pause, microphone, level, recording, sensitivity."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QSlider,
    QToolButton,
    QWidget,
)

from .device_box import DeviceBox, named
from .device_list import DeviceList
from .level import LevelMeter
from .widgets import Choice

SPEEDS = (1.0, 2.0, 4.0, 0.0)
"""Of a recording; 0 is as fast as can be."""
_SPACE = 8


class Controls(QWidget):
    """Only shows and asks: what happens is the window's."""

    start_asked = Signal()
    pause_asked = Signal()
    device_chosen = Signal(str)
    open_asked = Signal()
    speed_chosen = Signal(float)
    sensitivity_chosen = Signal(float)

    def __init__(self, devices: DeviceList, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._devices = devices
        self._false_per_hour: float | None = None
        self.start = QPushButton(self.tr("Start"))
        self.start.setObjectName("primary")
        self.start.setToolTip(self.tr("Start or stop listening (F5)"))
        self.start.clicked.connect(self.start_asked)
        self.pause = QToolButton()
        self.pause.setText(self.tr("Pause"))
        self.pause.setCheckable(True)
        self.pause.setToolTip(self.tr("Hold the picture; listening goes on (Ctrl+P)"))
        self.pause.clicked.connect(self.pause_asked)
        self.device = self._make_device()
        self.meter = LevelMeter()
        self.open = QPushButton(self.tr("Open recording…"))
        self.open.setToolTip(self.tr("Listen to a recording instead (Ctrl+O), or drop one here"))
        self.open.clicked.connect(self.open_asked)
        self.speed = self._make_speed()
        self.sensitivity = self._make_sensitivity()
        self._named = True
        self._sensitivity_name = QLabel(self.tr("Sensitivity"))
        self._sensitivity_name.setBuddy(self.sensitivity)
        self._lay_out()
        devices.changed.connect(self._fill)
        self._wanted = self._recording = ""
        self._fill()
        self._sensitivity_moved(0)

    def _make_device(self) -> DeviceBox:
        box = DeviceBox()
        box.setAccessibleName(self.tr("Microphone"))
        box.setToolTip(self.tr("The microphone to listen to"))
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        box.setMinimumContentsLength(10)
        box.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        box.opened.connect(self._devices.refresh)
        box.activated.connect(self._device_activated)
        return box

    def _make_speed(self) -> Choice:
        box = Choice()
        box.setAccessibleName(self.tr("Speed of a recording"))
        box.setToolTip(self.tr("How fast a recording runs"))
        for speed in SPEEDS:
            box.addItem(f"{speed:g}×" if speed else self.tr("at once"), speed)
        box.activated.connect(lambda place: self.speed_chosen.emit(float(box.itemData(place))))
        return box

    def _make_sensitivity(self) -> QSlider:
        slider = QSlider(Qt.Orientation.Horizontal)
        slider.setRange(-40, 40)
        slider.setPageStep(5)
        slider.setMinimumWidth(70)
        slider.setMaximumWidth(140)
        slider.setAccessibleName(self.tr("Sensitivity"))
        slider.valueChanged.connect(self._sensitivity_moved)
        return slider

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 6, 12, 6)
        row.setSpacing(_SPACE)
        row.addWidget(self.start)
        row.addWidget(self.pause)
        row.addSpacing(4)
        row.addWidget(self.device, 3)
        row.addWidget(self.meter, 2)
        row.addSpacing(4)
        row.addWidget(self.open)
        row.addWidget(self.speed)
        row.addSpacing(4)
        row.addWidget(self._sensitivity_name)
        row.addWidget(self.sensitivity, 1)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Without what may be left out."""
        least = super().minimumSizeHint()
        return least - QSize(self._name_room(), 0) if self._named else least

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """In a narrow window the slider goes without its name; screen readers know it all the
        same, and the mouse is told."""
        super().resizeEvent(event)
        needed = super().minimumSizeHint().width() + (0 if self._named else self._name_room())
        self._named = self.width() >= needed
        self._sensitivity_name.setVisible(self._named)

    def _name_room(self) -> int:
        return self._sensitivity_name.sizeHint().width() + _SPACE

    def show_device(self, device: str) -> None:
        """The microphone that is chosen; "" for the default."""
        self._wanted = device
        self._fill()

    def show_recording(self, name: str) -> None:
        """The recording that is listened to instead of a microphone; "" for none."""
        self._recording = name
        self._fill()

    def show_sensitivity(self, sensitivity: float, false_per_hour: float | None = None) -> None:
        """Where the slider stands, -0.4..0.4, and what that means, where it is known."""
        self._false_per_hour = false_per_hour
        self.sensitivity.blockSignals(True)
        self.sensitivity.setValue(round(100 * sensitivity))
        self.sensitivity.blockSignals(False)
        self._describe_sensitivity()

    def show_speed(self, speed: float) -> None:
        """The speed that is chosen."""
        place = self.speed.findData(speed)
        self.speed.setCurrentIndex(max(0, place))

    def show_listening(self, *, active: bool) -> None:
        """Whether the button starts or stops."""
        self.start.setText(self.tr("Stop") if active else self.tr("Start"))

    def show_live(self, *, live: bool) -> None:
        """Whether the picture follows."""
        self.pause.setChecked(not live)
        self.pause.setText(self.tr("Pause") if live else self.tr("Resume"))

    def _fill(self) -> None:
        items = self._items()
        chosen = named(items, self._wanted)
        place = next((n for n, (_, data) in enumerate(items) if data == chosen), 0)
        if self._recording:
            items.insert(0, (self.tr("Recording: {0}").format(self._recording), None))
            place = 0
        if items != self.device.items():
            self.device.set_items(items, place)
        self.device.setCurrentIndex(place)

    def _items(self) -> list[tuple[str, str | None]]:
        """The microphones, as they are shown and as they are chosen."""
        default = self._devices.default.partition("@")[0]
        if default.lower() == "default":
            default = ""  # said already
        if not self._devices.labels and self._devices.trouble:
            default = self.tr("none found")
        first = self.tr("Default microphone")
        items: list[tuple[str, str | None]] = [(f"{first} ({default})" if default else first, "")]
        items += [(label.replace("@", "  ·  "), label) for label in self._devices.labels]
        if self._wanted and named(items, self._wanted) is None:
            text = self.tr("{0} (not there)").format(self._wanted.partition("@")[0])
            items.append((text, self._wanted))
        return items

    def _device_activated(self, place: int) -> None:
        if self.device.itemData(place) is None:
            return
        self._wanted = str(self.device.itemData(place))
        self._recording = ""
        self.device_chosen.emit(self._wanted)

    def _sensitivity_moved(self, value: int) -> None:
        self._describe_sensitivity()
        self.sensitivity_chosen.emit(value / 100.0)

    def _describe_sensitivity(self) -> None:
        value = self.sensitivity.value() / 100.0
        if self._false_per_hour is None:
            told = self.tr("Every threshold moved by {0}: to the right more is heard").format(
                f"{-value:+.2f}"
            )
        else:
            told = self.tr(
                "About {0} false alarms an hour are expected: to the right more is heard"
            ).format(f"{self._false_per_hour:.2g}")
        self.sensitivity.setToolTip(told)
        self.sensitivity.setAccessibleDescription(told)
