"""What a phone in a classroom does to a picture, done on purpose: geometry, light, colour, blur, noise, clutter.

Every function takes the random generator it uses, so that a picture can be made again; landmarks go through the
same geometry as pixels. Nothing here knows labels, files or Keras.
"""

from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from webapp.core.hands import LANDMARKS

Rgb = npt.NDArray[Any]  # (H, W, 3) of uint8; what OpenCV returns is typed loosely
Points = npt.NDArray[Any]  # (21, 3): x and y as fractions of the picture, z in the same scale
Rng = np.random.Generator

# The bones of a hand in the order of the tracker's landmarks: wrist 0, then four joints a finger, thumb first.
BONES = [(0, 1), (0, 5), (0, 9), (0, 13), (0, 17), (5, 9), (9, 13), (13, 17)] + [
    (base + step, base + step + 1) for base in (1, 5, 9, 13, 17) for step in range(3)
]
PALM = [0, 1, 5, 9, 13, 17]


@dataclass(frozen=True)
class Recipe:
    """How strong the changes are. Ranges are half-widths round no change unless they name both ends."""

    rotation_degrees: float = 25.0
    scale: tuple[float, float] = (0.65, 1.5)
    shift: float = 0.15
    """In sides of the picture."""
    shear: float = 0.12
    brightness: tuple[float, float] = (0.3, 2.0)
    gamma: tuple[float, float] = (0.6, 1.7)
    cast: float = 0.25
    """How far each colour channel's gain may stray."""
    saturation: tuple[float, float] = (0.0, 1.7)
    blur_share: float = 0.25
    noise_share: float = 0.35
    jpeg_share: float = 0.3
    coarse_share: float = 0.2
    """Share of pictures that are shrunk and grown again."""
    cutout_share: float = 0.25
    flip_share: float = 0.15
    """Share of right hands that are shown as left ones."""
    background_share: float = 0.2
    """Share of pictures with landmarks whose surroundings are replaced."""
    hanging_share: float = 0.2
    """Of the pictures of a letter that is also signed with hanging fingers (`styles.HANGING`), the share that shows it so."""


NONE = Recipe(
    rotation_degrees=0,
    scale=(1, 1),
    shift=0,
    shear=0,
    brightness=(1, 1),
    gamma=(1, 1),
    cast=0,
    saturation=(1, 1),
    blur_share=0,
    noise_share=0,
    jpeg_share=0,
    coarse_share=0,
    cutout_share=0,
    flip_share=0,
    background_share=0,
    hanging_share=0,
)


def augment(
    rgb: Rgb,
    points: Points | None,
    size: int,
    recipe: Recipe,
    rng: Rng,
    mask: npt.NDArray[Any] | None,
    background: Rgb | None,
) -> tuple[Rgb, Points | None]:
    """One changed copy, `size` pixels a side.

    With `mask` (0..1, one channel) and `background`, what the mask leaves out is replaced.
    """
    matrix = random_matrix(rgb.shape[0], size, recipe, rng)
    border = cv2.BORDER_REPLICATE if rng.random() < 0.7 else cv2.BORDER_REFLECT_101
    warped = cv2.warpAffine(rgb, matrix, (size, size), flags=cv2.INTER_LINEAR, borderMode=border)
    if mask is not None and background is not None:
        cover = cv2.warpAffine(mask, matrix, (size, size), flags=cv2.INTER_LINEAR)[..., np.newaxis]
        behind = cv2.resize(background, (size, size), interpolation=cv2.INTER_AREA)
        warped = (warped * cover + behind * (1 - cover)).astype(np.uint8)
    if points is not None:
        places = (points[:, :2] * rgb.shape[0] @ matrix[:, :2].T + matrix[:, 2]) / size
        growth = np.sqrt(abs(np.linalg.det(matrix[:, :2]))) * rgb.shape[0] / size
        points = np.column_stack([places, points[:, 2] * growth]).astype(np.float32)
    return degrade(light(warped, recipe, rng), recipe, rng), points


def random_matrix(source_size: int, size: int, recipe: Recipe, rng: Rng) -> npt.NDArray[np.float64]:
    """The 2 × 3 matrix from source pixels to target pixels: rotation, scale, shear and shift about the middle."""
    angle = np.deg2rad(rng.uniform(-1, 1) * recipe.rotation_degrees)
    # Log-uniform, so that as many hands are halved as doubled; and most stay near what a tracker gives.
    low, high = np.log(recipe.scale[0]), np.log(recipe.scale[1])
    scale = np.exp(rng.uniform(low, high) if rng.random() < 0.6 else rng.uniform(low, high) * 0.4)
    stretch = np.exp(rng.uniform(-1, 1) * recipe.shear)
    shear = rng.uniform(-1, 1) * recipe.shear
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    linear = scale * turn @ np.array([[stretch, shear], [0, 1 / stretch]]) * (size / source_size)
    shift = rng.uniform(-1, 1, 2) * recipe.shift * size
    offset = size / 2 + shift - linear @ np.array([source_size / 2, source_size / 2])
    return np.column_stack([linear, offset])


def flip(rgb: Rgb, points: Points | None) -> tuple[Rgb, Points | None]:
    """The mirror picture: a left hand becomes a right one."""
    return np.ascontiguousarray(rgb[:, ::-1]), None if points is None else points * (-1, 1, 1) + (1, 0, 0)


def light(rgb: Rgb, recipe: Recipe, rng: Rng) -> Rgb:
    """Other light: saturation, then white balance, brightness, contrast and gamma as one table a channel."""
    saturation = rng.uniform(*recipe.saturation)
    if abs(saturation - 1) > 0.05:
        grey = (1 - saturation) * np.array([0.299, 0.587, 0.114])
        rgb = cv2.transform(rgb, np.tile(grey, (3, 1)) + saturation * np.eye(3))
    low, high = np.log(recipe.brightness)
    # Triangular about no change: the extremes happen, and rarely.
    brightness = np.exp(rng.triangular(low, 0, high)) if low < high else 1.0
    gamma = np.exp(rng.uniform(np.log(recipe.gamma[0]), np.log(recipe.gamma[1])))
    contrast = rng.uniform(0.7, 1.3) if recipe.cast else 1.0
    gains = brightness * np.exp(rng.uniform(-1, 1, 3) * recipe.cast)
    ramp = (np.arange(256) / 255.0) ** gamma
    ramp = (ramp - 0.5) * contrast + 0.5
    tables = np.clip(255 * ramp[:, np.newaxis] * gains, 0, 255).astype(np.uint8)  # (256, 3)
    return cv2.LUT(rgb, tables.reshape(1, 256, 3))


def degrade(rgb: Rgb, recipe: Recipe, rng: Rng) -> Rgb:
    """Poor lenses and links: blur, few pixels, noise, JPEG, and something held before the hand."""
    size = rgb.shape[0]
    if rng.random() < recipe.cutout_share:
        rgb = cut_out(rgb, rng)
    if rng.random() < recipe.blur_share:
        if rng.random() < 0.5:
            rgb = cv2.GaussianBlur(rgb, (0, 0), rng.uniform(0.4, max(0.5, 0.022 * size)))
        else:
            rgb = cv2.filter2D(rgb, -1, motion_kernel(int(rng.integers(2, max(3, size // 12))) * 2 - 1, rng))
    if rng.random() < recipe.coarse_share:
        small = int(size * rng.uniform(0.4, 0.9))
        rgb = cv2.resize(cv2.resize(rgb, (small, small), interpolation=cv2.INTER_AREA), (size, size))
    if rng.random() < recipe.noise_share:
        noise = rng.standard_normal(rgb.shape, np.float32) * rng.uniform(2, 18)
        rgb = np.clip(rgb + noise, 0, 255).astype(np.uint8)
    if rng.random() < recipe.jpeg_share:
        _, data = cv2.imencode(".jpg", rgb, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(25, 90))])
        decoded = cv2.imdecode(data, cv2.IMREAD_COLOR)
        assert decoded is not None
        rgb = decoded
    return rgb


def cut_out(rgb: Rgb, rng: Rng) -> Rgb:
    """One or two rectangles of a plain colour or of noise."""
    rgb = rgb.copy()
    size = rgb.shape[0]
    for _ in range(rng.integers(1, 3)):
        height, width = (rng.uniform(0.08, 0.3, 2) * size).astype(int)
        y, x = rng.integers(0, size - height), rng.integers(0, size - width)
        plain = rng.random() < 0.7
        rgb[y : y + height, x : x + width] = rng.integers(0, 256, 3 if plain else (height, width, 3))
    return rgb


def motion_kernel(length: int, rng: Rng) -> npt.NDArray[Any]:
    """A line of `length` (odd) pixels in a random direction, summing to one."""
    kernel = np.zeros((length, length), np.float32)
    angle = rng.uniform(0, np.pi)
    reach = (length - 1) / 2 * np.array([np.cos(angle), np.sin(angle)])
    middle = (length - 1) / 2
    start, end = (np.rint(middle - reach).astype(int), np.rint(middle + reach).astype(int))
    cv2.line(kernel, tuple(map(int, start)), tuple(map(int, end)), 1.0)
    return kernel / kernel.sum()


def hand_mask(points: Points, size: int, rng: Rng) -> npt.NDArray[Any]:
    """Where the hand is, roughly, from its landmarks: fat bones and a palm with soft edges.  # (size, size), 0..1"""
    pixels = points[:, :2] * size
    palm = float(np.linalg.norm(pixels[9] - pixels[0]))
    width = max(2, int(rng.uniform(0.34, 0.5) * max(palm, 0.15 * size)))
    mask = np.zeros((size, size), np.uint8)
    corners = np.rint(pixels).astype(int)
    for start, end in BONES:
        cv2.line(mask, corners[start].tolist(), corners[end].tolist(), 255, width)
    cv2.fillConvexPoly(mask, cv2.convexHull(corners[PALM].astype(np.int32)), 255)
    soft = cv2.GaussianBlur(mask, (0, 0), 0.015 * size + 0.5)
    return soft.astype(np.float32) / 255


def black_mask(rgb: Rgb) -> npt.NDArray[Any]:
    """Where a picture cut out on black is not black, with soft edges.  # (H, W), 0..1"""
    bright = (rgb.max(axis=2) > 24).astype(np.uint8)
    kernel = np.ones((3, 3), np.uint8)
    # Compression leaves a dim rim round the hand, and dark folds inside it.
    solid = cv2.erode(cv2.morphologyEx(bright, cv2.MORPH_CLOSE, kernel, iterations=2), kernel)
    return cv2.GaussianBlur(solid.astype(np.float32), (0, 0), 0.7)


def drawn_background(size: int, rng: Rng) -> Rgb:
    """A background nobody photographed: plain, a gradient, coarse clutter, noise, bars, or the black of a covered lens."""
    kind = rng.integers(0, 6)
    first, second = rng.integers(0, 256, (2, 3))
    if kind == 0:
        picture: npt.NDArray[Any] = np.broadcast_to(first, (size, size, 3))
    elif kind == 1:
        angle = rng.uniform(0, 2 * np.pi)
        y, x = np.mgrid[0:size, 0:size] / size - 0.5
        ramp = np.clip(0.5 + x * np.cos(angle) + y * np.sin(angle), 0, 1)[..., np.newaxis]
        picture = first * ramp + second * (1 - ramp)
    elif kind == 2:
        cells = int(rng.integers(3, 12))
        clutter = rng.integers(0, 256, (cells, cells, 3)).astype(np.float32)
        smooth = cv2.INTER_CUBIC if rng.random() < 0.6 else cv2.INTER_NEAREST
        weight = rng.uniform(0.2, 1)
        picture = weight * cv2.resize(clutter, (size, size), interpolation=smooth) + (1 - weight) * first
    elif kind == 3:
        picture = first + rng.standard_normal((size, size, 3)) * rng.uniform(5, 60)
    elif kind == 4:
        y, x = np.mgrid[0:size, 0:size] / size
        wave = np.sin((x * rng.uniform(-1, 1) + y * rng.uniform(-1, 1)) * rng.uniform(5, 60) + rng.uniform(0, 6))
        picture = np.where((wave > rng.uniform(-0.8, 0.8))[..., np.newaxis], first, second)
    else:
        picture = np.abs(rng.standard_normal((size, size, 3))) * rng.uniform(0, 12)
    return np.clip(picture, 0, 255).astype(np.uint8)


def calmer(recipe: Recipe, factor: float) -> Recipe:
    """The recipe with its geometry and shares scaled by `factor` (0..1), for the last epochs or small data."""
    shares = {name: getattr(recipe, name) * factor for name in Recipe.__dataclass_fields__ if name.endswith("_share")}
    return replace(
        recipe,
        rotation_degrees=recipe.rotation_degrees * factor,
        scale=(recipe.scale[0] ** factor, recipe.scale[1] ** factor),
        shift=recipe.shift * factor,
        shear=recipe.shear * factor,
        **shares,
    )


assert len(BONES) == LANDMARKS + 2  # a tree of 20 bones and the three across the palm
