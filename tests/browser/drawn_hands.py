"""Hands that nobody has before a wall that nobody has, as films for the camera: the page is pictured without a person."""

from functools import cache

import numpy as np

from tests.browser import clips
from webapp.chart import poses
from webapp.core.drawn_hand import draw_hand

WALL_TOP, WALL_FOOT = (190, 196, 190), (150, 148, 138)
WORD_PAUSE_SECONDS = 2.5  # longer than the server waits before it ends a word


def landmarks() -> dict[str, np.ndarray]:
    """Letter -> landmarks, as fractions of the crop.  # (21, 3)"""
    return poses()


@cache
def wall() -> clips.Picture:
    """A room without a hand: a wall in soft light, with a camera's noise."""
    down = np.linspace(0, 1, clips.HEIGHT)[:, None, None]
    light = np.array(WALL_TOP) * (1 - down) + np.array(WALL_FOOT) * down
    noise = np.random.default_rng(0).normal(0, 1.5, (clips.HEIGHT, clips.WIDTH, 1))
    return np.clip(light + noise, 0, 255).astype(np.uint8)


def hand(letter: str, right: float = 0.0, down: float = 0.0) -> clips.Picture:
    """A hand that signs `letter` in the guide box before the wall, moved by some pixels: no one holds quite still."""
    left, top, side = clips.BOX
    return draw_hand(wall(), landmarks()[letter] * side + (left + right, top + down, 0))


def spelling(text: str, hold_seconds: float = 1.5, gap_seconds: float = 0.7, end_seconds: float = 60.0) -> clips.Scenes:
    """Scenes in which a drawn hand spells `text`, trembling a little, ten pictures a second; a space is a pause."""
    random = np.random.default_rng(1)
    scenes: clips.Scenes = [(wall(), gap_seconds)]
    for letter in text:
        if letter == " ":
            scenes.append((wall(), WORD_PAUSE_SECONDS))
            continue
        for _ in range(round(hold_seconds * 10)):
            scenes.append((hand(letter, *random.normal(0, 1.0, 2)), 0.1))
        scenes.append((wall(), gap_seconds))
    return [*scenes, (wall(), end_seconds)]
