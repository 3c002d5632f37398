"""What can be wrong with a picture of a hand, one thing at a time and by how much, and what it costs.

Unlike `augment`, which mixes everything at random to teach a network, these changes are measured one by one. Landmarks
go through the same geometry as pixels; changes of light and quality leave them where they are.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import cv2
import matplotlib
import numpy as np

matplotlib.use("Agg")

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from training import measures
from training.augment import motion_kernel
from training.data import Landmarks, Problem, Sample
from training.evaluation import read
from training.pictures import Rgb
from training.served import Floats, as_served, landmarks_as_served
from webapp.core.frames import FrameError, decode_jpeg, prepare
from webapp.core.hands import LANDMARKS, mirrored_landmarks
from webapp.core.messages import JPEG_QUALITY, page_jpeg
from webapp.inference import Network

WITH_LANDMARKS, CROP_ALONE = "with landmarks", "crop alone"
# A row that falls further below the unchanged pictures than this is remarked on.
FALL = 0.10
UNCHANGED = "unchanged"


class Shown(NamedTuple):
    """A picture and its landmarks as fractions of it, (21, 3), None where nobody knows them."""

    rgb: Rgb
    joints: Landmarks | None


@dataclass(frozen=True)
class Hand:
    """A right hand, or a left one in the mirror, as a page would send it."""

    shown: Shown
    label: str
    signer: str


Change = Callable[[Shown, np.random.Generator], Shown]


@dataclass(frozen=True)
class Condition:
    """One change by one amount."""

    kind: str
    amount: str
    change: Change
    quality: int | None = JPEG_QUALITY
    """Of the JPEG that is made of the changed picture; None leaves it as it was stored."""
    told_left: bool = False
    """Whether the reader is told that this is a left hand, and mirrors it."""


@dataclass(frozen=True)
class Row:
    """What was read under a condition, by input."""

    condition: Condition
    by_signer: dict[str, dict[str, float]]
    """Input -> signer -> share read right."""

    @property
    def accuracy(self) -> dict[str, float]:
        """The mean over signers, by input."""
        return {name: float(np.mean(list(shares.values()))) for name, shares in self.by_signer.items()}

    def falls(self, unchanged: "Row") -> dict[str, float]:
        """By how much it falls below the unchanged pictures, for each input for which that is too much."""
        lost = {name: unchanged.accuracy[name] - share for name, share in self.accuracy.items()}
        return {name: fall for name, fall in lost.items() if fall > FALL}


# --- changes ----------------------------------------------------------------------------------------------------


def moved(degrees: float = 0.0, scale: float = 1.0, right: float = 0.0, down: float = 0.0) -> Change:
    """Turned clockwise and scaled about the middle, then shifted by shares of the sides; edges replicated."""
    angle = np.deg2rad(degrees)
    linear = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])

    def change(shown: Shown, rng: np.random.Generator) -> Shown:
        height, width = shown.rgb.shape[:2]
        sides = np.array([width, height])
        offset = sides / 2 + sides * (right, down) - linear @ (sides / 2)
        # OpenCV counts from the middle of the first pixel, landmarks from its corner.
        matrix = np.column_stack([linear, offset + linear @ (0.5, 0.5) - 0.5])
        rgb = cv2.warpAffine(shown.rgb, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE)
        if shown.joints is None:
            return Shown(rgb, None)
        places = (shown.joints[:, :2] * sides @ linear.T + offset) / sides
        return Shown(rgb, np.column_stack([places, shown.joints[:, 2] * scale]).astype(np.float32))

    return change


def mirrored(shown: Shown, rng: np.random.Generator) -> Shown:
    """A right hand as a left one."""
    joints = shown.joints
    flat = None if joints is None else mirrored_landmarks(joints.ravel()).astype(np.float32)
    return Shown(np.ascontiguousarray(shown.rgb[:, ::-1]), None if flat is None else flat.reshape(LANDMARKS, 3))


def as_it_is(shown: Shown, rng: np.random.Generator) -> Shown:
    """No change."""
    return shown


def pixels(change: Callable[[Rgb, np.random.Generator], Rgb]) -> Change:
    """A change of the picture that leaves the hand where it is."""
    return lambda shown, rng: Shown(change(shown.rgb, rng), shown.joints)


def lit(red: float, green: float, blue: float) -> Change:
    """Every channel brighter or darker."""
    return pixels(lambda rgb, rng: np.clip(rgb * np.array([red, green, blue]), 0, 255).astype(np.uint8))


def blurred(share: float) -> Change:
    """A Gaussian blur whose deviation is a share of the side."""
    return pixels(lambda rgb, rng: cv2.GaussianBlur(rgb, (0, 0), share * rgb.shape[0]))


def dragged(share: float) -> Change:
    """A motion over a share of the side, in a random direction."""
    return pixels(lambda rgb, rng: cv2.filter2D(rgb, -1, motion_kernel(2 * int(share * rgb.shape[0] / 2) + 1, rng)))


def noisy(deviation: float) -> Change:
    """Gaussian noise, in steps of 0..255."""

    def change(rgb: Rgb, rng: np.random.Generator) -> Rgb:
        return np.clip(rgb + deviation * rng.standard_normal(rgb.shape, np.float32), 0, 255).astype(np.uint8)

    return pixels(change)


def sized(side: int) -> Change:
    """Sent with another number of pixels."""

    def change(rgb: Rgb, rng: np.random.Generator) -> Rgb:
        shrinks = side < rgb.shape[0]
        return cv2.resize(rgb, (side, side), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)

    return pixels(change)


CONDITIONS = (
    Condition(UNCHANGED, "", as_it_is, quality=None),
    *(Condition("rotation", f"{degrees:+}°", moved(degrees=degrees)) for degrees in (-30, -20, -10, 10, 20, 30)),
    *(Condition("scale", f"×{scale}", moved(scale=scale)) for scale in (0.6, 0.8, 1.25, 1.6)),
    Condition("shift", "20 % left", moved(right=-0.2)),
    Condition("shift", "20 % right", moved(right=0.2)),
    Condition("shift", "20 % up", moved(down=-0.2)),
    Condition("shift", "20 % down", moved(down=0.2)),
    *(Condition("light", f"×{gain}", lit(gain, gain, gain)) for gain in (0.3, 0.5, 1.5, 2.0)),
    Condition("colour cast", "warm", lit(1.25, 1.0, 0.75)),
    Condition("colour cast", "cold", lit(0.75, 1.0, 1.25)),
    Condition("colour cast", "green", lit(0.85, 1.2, 0.85)),
    *(Condition("blur", f"σ {percent} %", blurred(percent / 100)) for percent in (1, 2, 4)),
    *(Condition("motion", f"{percent} %", dragged(percent / 100)) for percent in (5, 10, 20)),
    *(Condition("noise", f"σ {deviation}", noisy(deviation)) for deviation in (8, 16, 32)),
    *(Condition("JPEG quality", f"{quality}", as_it_is, quality=quality) for quality in (95, 70, 50, 30)),
    *(Condition("size", f"{side} px", sized(side)) for side in (256, 128, 96, 64, 48)),
    # Smaller crops than the page sends, which would spare the server the decoding and resizing; the first is what it sends.
    *(
        Condition("sent", f"{side} px, quality {quality}", sized(side), quality)
        for side, quality in ((160, 80), (96, 95), (96, 90))
    ),
    Condition("left hand", "told", mirrored, told_left=True),
    Condition("left hand", "not told", mirrored),
)


# --- measuring --------------------------------------------------------------------------------------------------


def hands_of(samples: Sequence[Sample]) -> tuple[list[Hand], list[Problem]]:
    """The samples as a page would send them, left hands turned to right ones, and what could not be read."""
    hands: list[Hand] = []
    problems: list[Problem] = []
    for sample in samples:
        try:
            flat = landmarks_as_served(sample)
            shown = Shown(decode_jpeg(as_served(sample)), None if flat is None else flat.reshape(LANDMARKS, 3))
        except (FrameError, OSError) as error:
            problems.append(Problem(str(sample.path), str(error), 1))
            continue
        if sample.left_hand:
            shown = mirrored(shown, np.random.default_rng())
        hands.append(Hand(shown, sample.label, sample.signer))
    return hands, problems


def spread(samples: Sequence[Sample], limit: int) -> list[Sample]:
    """At most `limit` samples, evenly over signers and labels; all of them where it is 0."""
    ordered = sorted(samples, key=lambda sample: (sample.signer, sample.label, sample.path))
    if not limit or limit >= len(ordered):
        return ordered
    return [ordered[at] for at in np.linspace(0, len(ordered) - 1, limit).astype(int)]


def measured(network: Network, hands: Sequence[Hand], condition: Condition) -> Row:
    """What the network reads of all hands under a condition, with landmarks (if it takes them) and without."""
    seen = [_seen(network, hand.shown, condition, number) for number, hand in enumerate(hands)]
    images = [image for image, _ in seen]
    told = {CROP_ALONE: [None] * len(hands)} | (
        {WITH_LANDMARKS: [flat for _, flat in seen]} if network.card.input.landmarks else {}
    )
    names = np.array(network.card.labels)
    truth = np.array([hand.label for hand in hands])
    signers = np.array([hand.signer for hand in hands])
    return Row(
        condition,
        {
            name: measures.accuracy_by_signer(names[read(network, images, rows).argmax(axis=1)] == truth, signers)
            for name, rows in sorted(told.items(), reverse=True)
        },
    )


def _seen(network: Network, shown: Shown, condition: Condition, number: int) -> tuple[Floats, Floats | None]:
    """The network's inputs: the changed picture after its way through JPEG, and the landmarks."""
    shown = condition.change(shown, np.random.default_rng(number))
    rgb = shown.rgb if condition.quality is None else decode_jpeg(page_jpeg(shown.rgb, condition.quality))
    flat = None if shown.joints is None else shown.joints.ravel()
    if flat is not None and condition.told_left:
        flat = mirrored_landmarks(flat).astype(np.float32)
    return prepare(rgb, network.card.input, condition.told_left), flat


# --- telling ----------------------------------------------------------------------------------------------------


def as_table(rows: Sequence[Row]) -> str:
    """The rows in Markdown, with remarks on those that fall; the first is of the unchanged pictures."""
    inputs = list(rows[0].accuracy)
    lines = [f"| change | amount | {' | '.join(inputs)} | remark |", f"|---|---|{'---:|' * len(inputs)}---|"]
    for row in rows:
        shares = " | ".join(f"{row.accuracy[name]:.3f}" for name in inputs)
        falls = "; ".join(f"falls {100 * fall:.0f} points {name}" for name, fall in row.falls(rows[0]).items())
        lines.append(f"| {row.condition.kind} | {row.condition.amount} | {shares} | {falls} |")
    for signer in sorted(rows[0].by_signer[inputs[0]]):
        shares = " | ".join(f"{rows[0].by_signer[name][signer]:.3f}" for name in inputs)
        lines.append(f"| {UNCHANGED} | {signer or 'unknown signer'} | {shares} | |")
    return "\n".join(lines)


def as_json(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """The rows for programs: `falls` names the inputs that lose more than ten points."""
    return [
        {
            "change": row.condition.kind,
            "amount": row.condition.amount,
            "falls": list(row.falls(rows[0])),
            **{
                name.replace(" ", "_"): {"macro_by_signer": row.accuracy[name], "by_signer": shares}
                for name, shares in row.by_signer.items()
            },
        }
        for row in rows
    ]


_LINES = {WITH_LANDMARKS: ("#1f4e9c", "o", "-"), CROP_ALONE: ("#b35900", "s", "--")}
# Between their amounts lies nothing that a line could stand for.
_UNORDERED = ("shift", "colour cast", "left hand", "signers, unchanged")
_COLUMNS = 3


def figure_of(rows: Sequence[Row]) -> Figure:
    """A panel for each kind of change, and one for the signers of the unchanged pictures."""
    unchanged, kinds = rows[0], list(_by_kind(rows[1:]))
    lines = -(-(len(kinds) + 1) // _COLUMNS)
    figure, axes = plt.subplots(lines, _COLUMNS, figsize=(13, 3.1 * lines), squeeze=False, layout="constrained")
    panels = list(axes.ravel())
    for axis, (kind, found) in zip(panels, kinds, strict=False):
        amounts = [row.condition.amount for row in found]
        _panel(axis, kind, amounts, {name: [row.accuracy[name] for row in found] for name in unchanged.accuracy})
        for name, share in unchanged.accuracy.items():
            axis.axhline(share, color=_LINES[name][0], linestyle=":", linewidth=1)
    signers = sorted(next(iter(unchanged.by_signer.values())))
    shares = {name: [found[signer] for signer in signers] for name, found in unchanged.by_signer.items()}
    _panel(panels[len(kinds)], "signers, unchanged", [signer or "unknown" for signer in signers], shares)
    for axis in panels[len(kinds) + 1 :]:
        axis.axis("off")
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside upper center", ncols=2)
    figure.supylabel("share read right, mean over signers (dotted: unchanged)")
    return figure


def _by_kind(rows: Sequence[Row]) -> Iterator[tuple[str, list[Row]]]:
    for kind in dict.fromkeys(row.condition.kind for row in rows):
        yield kind, [row for row in rows if row.condition.kind == kind]


def _panel(axis: Axes, title: str, ticks: Sequence[str], shares: dict[str, list[float]]) -> None:
    for name, values in shares.items():
        colour, marker, line = _LINES[name]
        axis.plot(
            range(len(ticks)),
            values,
            color=colour,
            marker=marker,
            linestyle="" if title in _UNORDERED else line,
            label=name,
        )
    axis.set(title=title, ylim=(0, 1.02), xlim=(-0.4, len(ticks) - 0.6), xticks=range(len(ticks)))
    long = sum(map(len, ticks)) > 36
    axis.set_xticklabels(ticks, rotation=30 if long else 0, ha="right" if long else "center")
    axis.grid(axis="y", alpha=0.3)
