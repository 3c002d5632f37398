"""The networks are the ones their sources describe."""

import keras
import numpy as np
import pytest

from training.architectures import ARCHITECTURES, WeightsError, shape_expert
from webapp.core.bundle import check_landmarks
from webapp.core.hands import landmark_row


def layer_list(model: keras.Model) -> list[str]:
    """What each layer is, in words: kind, width and kernel or rate."""
    words = []
    for layer in model.layers:
        config = layer.get_config()
        kind = type(layer).__name__
        if kind == "Conv2D":
            kind += f" {config['filters']}·{config['kernel_size'][0]}×{config['kernel_size'][1]} {config['activation']}"
        elif kind == "Dense":
            kind += f" {config['units']} {config['activation']}"
        elif kind == "Dropout":
            kind += f" {config['rate']}"
        words.append(kind)
    return words


LENET = [
    "InputLayer", "Rescaling", "Conv2D 20·5×5 relu", "MaxPooling2D", "Conv2D 50·5×5 relu", "MaxPooling2D", "Flatten",
    "Dense 500 relu", "Dense 11 softmax",
]  # fmt: skip
DEEP = [
    "InputLayer", "Rescaling",
    "Conv2D 32·3×3 relu", "Conv2D 32·3×3 relu", "MaxPooling2D", "Dropout 0.25",
    "Conv2D 64·3×3 relu", "Conv2D 32·3×3 relu", "MaxPooling2D", "Dropout 0.25",
    "Flatten", "Dense 512 relu", "Dropout 0.25", "Dense 11 softmax",
]  # fmt: skip
CUSTOM = [
    "InputLayer", "Rescaling",
    "Conv2D 16·5×5 relu", "MaxPooling2D", "Conv2D 32·5×5 relu", "MaxPooling2D",
    "Conv2D 64·3×3 relu", "MaxPooling2D", "Conv2D 128·5×5 relu", "MaxPooling2D",
    "GlobalAveragePooling2D", "Dense 256 relu", "Dense 29 softmax",
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "size", "labels", "layers", "parameters"),
    [
        ("lenet", 100, 11, LENET, 1_520 + 25_050 + 15_625_500 + 5_511),
        ("deep-cnn", 100, 11, DEEP, 896 + 9_248 + 18_496 + 18_464 + (23 * 23 * 32 + 1) * 512 + 5_643),
        ("custom-cnn", 224, 29, CUSTOM, 277_949),
    ],
    ids=["lenet", "deep-cnn", "custom-cnn"],
)
def test_a_tutorials_network_has_its_layers_and_parameters(
    name: str, size: int, labels: int, layers: list[str], parameters: int
) -> None:
    model = ARCHITECTURES[name].build(size, labels, "none")
    assert layer_list(model) == layers
    assert model.count_params() == parameters


def test_the_frozen_mobilenet_trains_its_softmax_alone() -> None:
    model = ARCHITECTURES["mobilenet-frozen"].build(96, 10, "none")
    assert [type(layer).__name__ for layer in model.layers][-2:] == ["GlobalAveragePooling2D", "Dense"]
    assert sum(int(np.prod(weight.shape)) for weight in model.trainable_weights) == 1024 * 10 + 10
    assert model.count_params() == 3_228_864 + 10_250  # Keras' MobileNet, alpha 1, without its top


def test_the_mobilenet_v2_trains_through() -> None:
    model = ARCHITECTURES["mobilenet-v2"].build(96, 29, "none")
    trainable = sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)
    assert trainable > 0.9 * model.count_params()
    assert [type(layer).__name__ for layer in model.layers][-2:] == ["GlobalAveragePooling2D", "Dense"]


@pytest.fixture(scope="module")
def ours() -> keras.Model:
    return ARCHITECTURES["handspell"].build(None, 29, "none")


def asked(model: keras.Model, size: int, rows: np.ndarray) -> dict[str, np.ndarray]:
    """What ours answers to one grey picture with each row of landmarks."""
    image = np.full((len(rows), size, size, 3), 100, np.float32)
    return model.predict({"image": image, "landmarks": rows}, verbose=0)


def test_ours_answers_probabilities_and_joints_at_any_size(ours: keras.Model) -> None:
    for size in (64, 80):
        answer = asked(ours, size, np.stack([landmark_row(check_landmarks()), landmark_row(None)]))
        assert answer["probabilities"].shape == (2, 29)
        np.testing.assert_allclose(answer["probabilities"].sum(axis=1), 1, atol=1e-5)
        assert answer["pose"].shape == (2, 42)
        assert answer["pose"].min() >= 0
        assert answer["pose"].max() <= 1
    assert ours.count_params() < 2_000_000


def test_ours_knows_a_hand_by_its_shape_wherever_it_is_and_however_large(ours: keras.Model) -> None:
    hand = check_landmarks().reshape(21, 3)
    elsewhere = hand * 0.5 + (0.2, 0.1, 0)
    other = hand[::-1]
    rows = np.stack([landmark_row(joints.ravel()) for joints in (hand, elsewhere, other)])
    first, second, third = shape_expert(ours).predict(rows, verbose=0)
    np.testing.assert_allclose(first, second, atol=1e-2)
    assert np.abs(first - third).max() > 0.1


def test_what_no_tracker_told_has_no_say(ours: keras.Model) -> None:
    untold = np.append(check_landmarks(), 0).astype(np.float32)
    answers = asked(ours, 64, np.stack([untold, landmark_row(None), landmark_row(check_landmarks())]))["probabilities"]
    np.testing.assert_allclose(answers[0], answers[1], atol=1e-6)
    assert np.abs(answers[0] - answers[2]).max() > 1e-3


def test_the_experts_are_weighed_when_asked_and_the_picture_answers_alone_in_training() -> None:
    from training.architectures import Verdict

    picture, shape = np.float32([[1, 0], [1, 0]]), np.float32([[0, 4], [0, 4]])
    rows = np.stack([landmark_row(check_landmarks()), landmark_row(None)])
    verdict = Verdict()
    verdict(picture, shape, rows)
    verdict.set_weights([np.float32([2, 0.5, 0.25])])  # alone, both, shape
    np.testing.assert_allclose(keras.ops.convert_to_numpy(verdict(picture, shape, rows)), [[0.5, 1], [2, 0]])
    np.testing.assert_allclose(keras.ops.convert_to_numpy(verdict(picture, shape, rows, training=True)), picture)


def test_landmarks_wobble_in_training_only() -> None:
    from training.architectures import Wobble

    rows = np.stack([landmark_row(check_landmarks()), landmark_row(None)])
    wobble = Wobble()
    np.testing.assert_array_equal(keras.ops.convert_to_numpy(wobble(rows)), rows)
    wobbled = keras.ops.convert_to_numpy(wobble(rows, training=True))
    assert 0.01 < np.abs(wobbled[0] - rows[0]).mean() < 0.2
    np.testing.assert_array_equal(wobbled[1], rows[1])


def test_joints_are_the_middle_of_their_maps() -> None:
    from training.architectures import Expectation

    maps = np.zeros((1, 4, 8, 2), np.float32)
    maps[0, 1, 6, 0] = 1  # row 1 of 4, column 6 of 8
    maps[0, 0, 0, 1] = maps[0, 3, 7, 1] = 0.5  # two corners
    positions = np.asarray(keras.ops.convert_to_numpy(Expectation()(maps)))
    np.testing.assert_allclose(positions, [[6.5 / 8, 1.5 / 4, 0.5, 0.5]])


@pytest.mark.parametrize(
    ("name", "epochs", "batch", "optimiser", "rate"),
    [
        ("deep-cnn", 25, 32, "rmsprop", 1e-3),
        ("mobilenet-frozen", 30, 32, "adam", 1e-4),
        ("custom-cnn", 10, 32, "adam", 1e-3),
    ],
)
def test_defaults_are_the_sources_own(name: str, epochs: int, batch: int, optimiser: str, rate: float) -> None:
    own = ARCHITECTURES[name].settings
    assert (own.epochs, own.batch, own.optimiser, own.learning_rate) == (epochs, batch, optimiser, rate)


def test_weights_that_are_not_there_are_a_sentence() -> None:
    with pytest.raises(WeightsError, match=r"no weights at nowhere\.h5"):
        ARCHITECTURES["mobilenet-frozen"].build(96, 10, "nowhere.h5")


def test_weights_that_cannot_be_fetched_are_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_network(*args: object, **kwargs: object) -> keras.Model:
        raise Exception("URL fetch failure")

    monkeypatch.setattr(keras.applications, "MobileNetV2", no_network)
    with pytest.raises(WeightsError, match=r"could not be fetched.*--weights PATH"):
        ARCHITECTURES["mobilenet-v2"].build(96, 10, "imagenet")
