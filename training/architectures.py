"""The six networks: five as the tutorials built them, and ours. Each comes with its source's hyperparameters.

Every network takes an input `image`, (S, S, 3) RGB floats 0..255 (its source's scaling is its first layer), and
ends in a softmax named `probabilities`. Ours takes a hand tracker's `landmarks` too (`webapp.core.hands.landmark_row`).
Only Keras layers and operations, so that any backend trains them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
from keras import layers

from training.hand_base import hand_maps
from webapp.core.hands import LANDMARK_ROW, LANDMARKS

DEFAULT_WEIGHTS = "none"
SIDE_STEP = 16
"""What the side of the pictures that `handspell` reads is a multiple of."""
BY_PICTURE, BY_SHAPE, VERDICT = "by_picture", "by_shape", "verdict"


class WeightsError(Exception):
    """Pretrained weights that cannot be had; the message says what to do."""


@dataclass(frozen=True)
class Settings:
    """What a source trained with; every one can be overridden on the command line."""

    size: int
    epochs: int
    batch: int
    optimiser: str
    learning_rate: float
    augmentation: str
    """"none", "shear-zoom" (as the digits tutorial's generator) or "full" (`augment.Recipe`)."""
    weights: str = DEFAULT_WEIGHTS
    patience: int = 0
    """Epochs without a better one before training stops; 0 never stops early."""
    schedule: str = "constant"
    label_smoothing: float = 0.0
    ema: float = 0.0
    """Momentum of the moving average of weights that is judged and kept; 0 for none."""
    balanced: bool = False
    landmarks: bool = False
    """Whether the network takes a tracker's landmarks beside the crop."""
    source: str = ""
    claim: str = ""
    """What the source says it reached, on its own data and split."""


@dataclass(frozen=True)
class Architecture:
    """How to build a network, and how its source trained it."""

    build: Callable[[int, int, str], keras.Model]
    """From input size, number of labels and weights ("none", "imagenet" or a path)."""
    settings: Settings


def image(size: int | None) -> keras.KerasTensor:
    """The crop.  # (B, S, S, 3), 0..255"""
    return keras.Input((size, size, 3), name="image")


def answer(x: keras.KerasTensor, labels: int) -> keras.KerasTensor:
    """The answer, in float32 whatever the precision of the layers before it.  # (B, labels)"""
    return layers.Dense(labels, activation="softmax", dtype="float32", name="probabilities")(x)


def lenet(size: int, labels: int, weights: str = "none") -> keras.Model:
    """LeNet as the digits tutorial of 2018 has it: two convolutions with max pooling, one hidden layer."""
    inputs = image(size)
    x = layers.Rescaling(1 / 255)(inputs)
    x = layers.Conv2D(20, 5, padding="same", activation="relu")(x)
    x = layers.MaxPooling2D(2, strides=2)(x)
    x = layers.Conv2D(50, 5, padding="same", activation="relu")(x)
    x = layers.MaxPooling2D(2, strides=2)(x)
    x = layers.Flatten()(x)
    x = layers.Dense(500, activation="relu")(x)
    return keras.Model(inputs, answer(x, labels), name="lenet")


def deep_cnn(size: int, labels: int, weights: str = "none") -> keras.Model:
    """The digits tutorial's second network: 32-32-pool-dropout, 64-32-pool-dropout, dense 512-dropout-softmax."""
    inputs = image(size)
    x = layers.Rescaling(1 / 255)(inputs)
    for first, second in ((32, 32), (64, 32)):
        x = layers.Conv2D(first, 3, padding="same", activation="relu")(x)
        x = layers.Conv2D(second, 3, activation="relu")(x)
        x = layers.MaxPooling2D(2)(x)
        x = layers.Dropout(0.25)(x)
    x = layers.Flatten()(x)
    x = layers.Dense(512, activation="relu")(x)
    x = layers.Dropout(0.25)(x)
    return keras.Model(inputs, answer(x, labels), name="deep-cnn")


def custom_cnn(size: int, labels: int, weights: str = "none") -> keras.Model:
    """The alphabet tutorial of 2020: four convolutions, each with max pooling, a global average, dense 256.

    277,949 parameters with 29 labels, at any size.
    """
    inputs = image(size)
    x = layers.Rescaling(1 / 255)(inputs)
    for width, kernel in ((16, 5), (32, 5), (64, 3), (128, 5)):
        x = layers.Conv2D(width, kernel, activation="relu")(x)
        x = layers.MaxPooling2D(2)(x)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dense(256, activation="relu")(x)
    return keras.Model(inputs, answer(x, labels), name="custom-cnn")


def mobilenet_frozen(size: int, labels: int, weights: str = "imagenet") -> keras.Model:
    """The digits project of 2025: a frozen MobileNet base, a global average, a softmax."""
    inputs = image(size)
    alpha = 0.25 if weights not in ("none", "imagenet") else 1.0
    base = _pretrained(keras.applications.MobileNet, size, weights, alpha=alpha)
    base.trainable = False
    x = base(layers.Rescaling(1 / 127.5, offset=-1)(inputs), training=False)
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, answer(x, labels), name="mobilenet-frozen")


def mobilenet_v2(size: int, labels: int, weights: str = "imagenet") -> keras.Model:
    """The alphabet article of 2021: a MobileNetV2 base trained through, a global average, a softmax."""
    inputs = image(size)
    base = _pretrained(keras.applications.MobileNetV2, size, weights, alpha=1.0 if weights == "imagenet" else 0.35)
    x = base(layers.Rescaling(1 / 127.5, offset=-1)(inputs))
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, answer(x, labels), name="mobilenet-v2")


def _pretrained(application: Callable[..., keras.Model], size: int, weights: str, alpha: float) -> keras.Model:
    if weights == "none":
        return application(input_shape=(size, size, 3), include_top=False, weights=None, alpha=alpha)
    if weights != "imagenet" and not Path(weights).is_file():
        raise WeightsError(f"There are no weights at {weights}. Give a file, or --weights imagenet, or --weights none.")
    try:
        return application(input_shape=(size, size, 3), include_top=False, weights=weights, alpha=alpha)
    except ValueError as error:
        raise WeightsError(
            f"The weights {weights} do not fit {application.__name__} with alpha {alpha}: {error}"
        ) from None
    except Exception as error:
        # Keras wraps what urllib raises in a plain Exception.
        raise WeightsError(
            f"The ImageNet weights could not be fetched ({error}). Give --weights PATH with a file fetched elsewhere, "
            "or --weights none to train from scratch."
        ) from None


# --- ours -------------------------------------------------------------------------------------------------------


@keras.saving.register_keras_serializable("handspell")
class Expectation(layers.Layer):
    """The mean position under attention maps, as fractions of the picture.  # (B, H, W, K) summing to 1 -> (B, 2K)

    The "soft argmax" of integral pose regression (Sun et al., 2018): differentiable, and independent of the size.
    Positions are ordered x0, y0, x1, y1, ...
    """

    def call(self, maps: keras.KerasTensor) -> keras.KerasTensor:
        along_x, along_y = keras.ops.sum(maps, axis=1), keras.ops.sum(maps, axis=2)
        positions = [keras.ops.sum(along * self._middles(along)[:, None], axis=1) for along in (along_x, along_y)]
        pairs = keras.ops.stack(positions, axis=-1)  # (B, K, 2)
        return keras.ops.reshape(pairs, (-1, 2 * maps.shape[-1]))

    @staticmethod
    def _middles(along: keras.KerasTensor) -> keras.KerasTensor:
        """The middles of the cells along one axis, 0..1."""
        cells = keras.ops.shape(along)[1]
        return (keras.ops.cast(keras.ops.arange(cells), "float32") + 0.5) / keras.ops.cast(cells, "float32")

    def compute_output_shape(self, shape: Sequence[int | None]) -> tuple[int | None, int]:
        return (shape[0], 2 * int(shape[-1] or 0))


@keras.saving.register_keras_serializable("handspell")
class Centred(layers.Layer):
    """Positions relative to their mean, in units of their spread: the same hand anywhere, at any size.  # (B, 2K)"""

    def call(self, positions: keras.KerasTensor) -> keras.KerasTensor:
        pairs = keras.ops.reshape(positions, (-1, positions.shape[-1] // 2, 2))
        pairs = pairs - keras.ops.mean(pairs, axis=1, keepdims=True)
        spread = keras.ops.sqrt(keras.ops.mean(keras.ops.square(pairs), axis=(1, 2), keepdims=True) + 1e-4)
        return keras.ops.reshape(pairs / spread, (-1, positions.shape[-1]))

    def compute_output_shape(self, shape: Sequence[int | None]) -> Sequence[int | None]:
        return shape


@keras.saving.register_keras_serializable("handspell")
class Wobble(layers.Layer):
    """In training, other hands by other eyes: the joints turned in space, bones of other lengths, small errors.

    Nothing where there are no landmarks, and nothing when the network is asked.  # (B, 64) -> (B, 64)
    """

    TURN_RADIANS = (0.22, 0.2, 0.2)  # about the line of sight, the upright and the horizontal
    BONE, SHEAR, DEPTH, ERROR = 0.07, 0.08, 0.25, 0.006
    FINGERS = tuple(range(1, LANDMARKS, 4))

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.seed_generator = keras.random.SeedGenerator()

    def call(self, rows: keras.KerasTensor, training: bool = False) -> keras.KerasTensor:
        if not training:
            return rows
        joints, told = joints_of(rows)
        joints = joints - 0.5
        x, y, z = (joints[..., axis] for axis in range(3))
        z = z * keras.ops.exp(self._noise(rows, 1, self.DEPTH))
        for at, (first, second) in enumerate(((0, 1), (0, 2), (1, 2))):
            angle = self._noise(rows, 1, self.TURN_RADIANS[at])
            axes = [x, y, z]
            cos, sin = keras.ops.cos(angle), keras.ops.sin(angle)
            axes[first], axes[second] = (
                cos * axes[first] - sin * axes[second],
                sin * axes[first] + cos * axes[second],
            )
            x, y, z = axes
        x = x * keras.ops.exp(self._noise(rows, 1, self.SHEAR))
        joints = keras.ops.stack([x, y, z], axis=-1)
        lengths = keras.ops.exp(self._noise(rows, len(self.FINGERS), self.BONE))
        parts = [joints[:, :1]]
        for at, base in enumerate(self.FINGERS):
            finger = joints[:, base : base + 4]
            parts.append(finger[:, :1] + (finger - finger[:, :1]) * lengths[:, at, None, None])
        flat = keras.ops.reshape(keras.ops.concatenate(parts, axis=1), (-1, 3 * LANDMARKS))
        flat = flat + 0.5 + self._noise(rows, 3 * LANDMARKS, self.ERROR)
        return keras.ops.concatenate([flat, keras.ops.ones_like(told)], axis=-1) * told

    def _noise(self, rows: keras.KerasTensor, count: int, spread: float) -> keras.KerasTensor:
        shape = (keras.ops.shape(rows)[0], count)
        return keras.random.normal(shape, stddev=spread, dtype=self.compute_dtype, seed=self.seed_generator)


@keras.saving.register_keras_serializable("handspell")
class Shape(layers.Layer):
    """A hand's shape, wherever and however large it is: joints, directions of bones, and all distances between joints.

    All zeros where there are no landmarks.  # (B, 64) -> (B, 543)
    """

    PARENTS = (0, 1, 2, 3, 0, 5, 6, 7, 0, 9, 10, 11, 0, 13, 14, 15, 0, 17, 18, 19)
    PAIRS = tuple((a, b) for a in range(LANDMARKS) for b in range(a))

    def call(self, rows: keras.KerasTensor) -> keras.KerasTensor:
        joints, told = joints_of(rows)
        joints = joints - keras.ops.mean(joints, axis=1, keepdims=True)
        spread = keras.ops.mean(keras.ops.square(joints[..., :2]), axis=(1, 2), keepdims=True)
        joints = joints / keras.ops.sqrt(spread + 1e-6)
        bones = joints[:, 1:] - keras.ops.take(joints, self.PARENTS, axis=1)
        bones = bones / keras.ops.sqrt(keras.ops.sum(keras.ops.square(bones), axis=-1, keepdims=True) + 1e-6)
        first, second = zip(*self.PAIRS, strict=True)
        squares = keras.ops.square(keras.ops.take(joints, first, axis=1) - keras.ops.take(joints, second, axis=1))
        flat = keras.ops.sum(squares[..., :2], axis=-1)
        deep = flat + squares[..., 2]
        parts = [
            keras.ops.reshape(joints, (-1, 3 * LANDMARKS)),
            keras.ops.reshape(bones, (-1, 3 * len(self.PARENTS))),
            keras.ops.sqrt(flat + 1e-6),
            keras.ops.sqrt(deep + 1e-6),
        ]
        return keras.ops.concatenate(parts, axis=-1) * told


@keras.saving.register_keras_serializable("handspell")
class Verdict(layers.Layer):
    """What picture and shape say together, before the softmax.  # (B, labels), (B, labels), (B, 64) -> (B, labels)

    `trust` holds three factors: of the picture where it is alone, of the picture and of the shape where both speak. They are not
    learnt with the rest: on the people trained on, either is nearly always right. They are fitted on strangers,
    as a temperature is. In training the picture must answer alone.
    """

    def build(self, *shapes: Sequence[int | None]) -> None:
        self.trust = self.add_weight(
            shape=(3,),
            initializer=lambda shape, dtype: keras.ops.array([1.0, 0.5, 0.5], dtype),
            trainable=False,
            name="trust",
        )

    def call(
        self, picture: keras.KerasTensor, shape: keras.KerasTensor, rows: keras.KerasTensor, training: bool = False
    ) -> keras.KerasTensor:
        if training:
            return picture
        told = rows[:, -1:]
        alone, both, by_shape = (self.trust[at] for at in range(3))
        return picture * (alone + (both - alone) * told) + shape * (by_shape * told)


def joints_of(rows: keras.KerasTensor) -> tuple[keras.KerasTensor, keras.KerasTensor]:
    """The joints of a row of landmarks, and 1 where there are any.  # (B, 64) -> (B, 21, 3), (B, 1)"""
    return keras.ops.reshape(rows[:, :-1], (-1, LANDMARKS, 3)), rows[:, -1:]


def handspell(size: int | None, labels: int, weights: str = "none") -> keras.Model:
    """Two experts that know nothing of each other: one looks at the crop, the other at the shape of the landmarks.

    The first begins from convolutions that know hands (`hand_maps`), unless `weights` is "none". What its maps at an
    eighth and a sixteenth of the size (a multiple of `SIDE_STEP`) say together makes 21 attention maps. Their mean positions are
    an output, `pose`, trained on a tracker's landmarks, so that it looks closely where the joints are. The second, a
    perceptron, learns by itself (`shape_expert`). `Verdict` weighs them: what one misses the other seldom does.
    """
    inputs = image(size)
    scales = hand_maps(layers.Rescaling(1 / 255)(inputs), trained=weights != "none")
    upper = layers.UpSampling2D(2)(layers.Conv2D(96, 1)(scales[16]))
    fine = layers.ReLU()(layers.Add()([layers.Conv2D(96, 1)(scales[8]), upper]))

    maps = layers.Conv2D(LANDMARKS, 1, dtype="float32", name="joint_maps")(fine)
    maps = layers.Softmax(axis=(1, 2), dtype="float32")(maps)
    pose = Expectation(dtype="float32", name="pose")(maps)
    local = layers.BatchNormalization()(layers.Conv2D(24, 1, use_bias=False)(fine))
    # What the map says at each joint: attention-weighted means.
    at_joints = layers.Dot(axes=1, dtype="float32")(
        [layers.Reshape((-1, LANDMARKS))(maps), layers.Reshape((-1, 24), dtype="float32")(local)]
    )
    joints = layers.Concatenate(dtype="float32")([layers.Flatten()(at_joints), Centred(dtype="float32")(pose)])
    joints = layers.Dense(160, activation="relu", dtype="float32")(layers.Dropout(0.2, dtype="float32")(joints))
    whole = layers.GlobalAveragePooling2D(dtype="float32")(scales[32])
    x = layers.Dropout(0.25, dtype="float32")(layers.Concatenate(dtype="float32")([whole, joints]))
    by_picture = layers.Dense(labels, dtype="float32", name=BY_PICTURE)(x)

    landmarks = keras.Input((LANDMARK_ROW,), name="landmarks")
    shape = Shape(dtype="float32")(Wobble(dtype="float32")(landmarks))
    shape = layers.BatchNormalization(dtype="float32")(shape)
    for width in (384, 256):
        shape = layers.Dense(width, use_bias=False, dtype="float32")(shape)
        shape = layers.BatchNormalization(dtype="float32")(shape)
        shape = layers.Dropout(0.35, dtype="float32")(layers.Activation("silu", dtype="float32")(shape))
    by_shape = layers.Dense(labels, dtype="float32", name=BY_SHAPE)(shape)

    together = Verdict(dtype="float32", name=VERDICT)(by_picture, by_shape, landmarks)
    probabilities = layers.Softmax(dtype="float32", name="probabilities")(together)
    inputs = {"image": inputs, "landmarks": landmarks}
    return keras.Model(inputs, {"probabilities": probabilities, "pose": pose}, name="handspell")


def shape_expert(model: keras.Model) -> keras.Model:
    """The part of `handspell` that looks at landmarks alone, sharing its layers.  # (B, 64) -> (B, labels), logits"""
    landmarks = next(tensor for tensor in model.inputs if tensor.name == "landmarks")
    return keras.Model(landmarks, model.get_layer(BY_SHAPE).output, name="shape")


ARCHITECTURES: dict[str, Architecture] = {
    "lenet": Architecture(
        lenet,
        Settings(
            100, 25, 32, "adam", 1e-3, "none", source="digits tutorial, 2018", claim="validation accuracy 0.737",
        ),
    ),
    "deep-cnn": Architecture(
        deep_cnn,
        Settings(
            100, 25, 32, "rmsprop", 1e-3, "shear-zoom", source="digits tutorial, 2018", claim="validation accuracy 0.835",
        ),
    ),
    "mobilenet-frozen": Architecture(
        mobilenet_frozen,
        Settings(
            224, 30, 32, "adam", 1e-4, "none", weights="imagenet",
            source="digits project, 2025", claim="test accuracy 0.929, macro ROC AUC 0.996",
        ),
    ),
    "mobilenet-v2": Architecture(
        mobilenet_v2,
        Settings(
            224, 30, 32, "adam", 1e-4, "none", weights="imagenet", patience=5,
            source="alphabet article, 2021", claim="test accuracy 0.9506, loss 0.17",
        ),
    ),
    "custom-cnn": Architecture(
        custom_cnn,
        Settings(
            224, 10, 32, "adam", 1e-3, "none", source="alphabet tutorial, 2020", claim="validation accuracy > 0.98",
        ),
    ),
    "handspell": Architecture(
        handspell,
        Settings(
            96, 40, 64, "adamw", 1e-3, "full", weights="hands", schedule="cosine", label_smoothing=0.05, ema=0.998,
            balanced=True, landmarks=True,
            source="this project",
        ),
    ),
}  # fmt: skip
