"""The network that ours begins from is the tracker's own."""

import keras
import numpy as np
from ai_edge_litert.interpreter import Interpreter, OpResolverType

from training.hand_base import hand_maps
from webapp.hand_models import hand_model


def test_the_layers_see_what_the_tracker_sees() -> None:
    picture = keras.Input((None, None, 3))
    maps = hand_maps(picture)
    assert sorted(maps) == [2, 4, 8, 16, 32]
    ours = keras.Model(picture, keras.layers.GlobalAveragePooling2D()(maps[32]))
    plain = OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES  # others keep no tensors
    tracker = Interpreter(
        model_content=hand_model("hand_landmark_lite"),
        experimental_op_resolver_type=plain,
        experimental_preserve_all_tensors=True,
    )
    tracker.allocate_tensors()
    rgb = np.random.default_rng(1).random((1, 224, 224, 3), np.float32)
    tracker.set_tensor(tracker.get_input_details()[0]["index"], rgb)
    tracker.invoke()
    means = [tensor["index"] for tensor in tracker.get_tensor_details() if tensor["shape"].tolist() == [1, 672]]
    seen = ours.predict(rgb, verbose=0)
    assert min(np.abs(seen - tracker.get_tensor(at)).max() for at in means) < 1e-4


def test_untrained_layers_are_new() -> None:
    picture = keras.Input((32, 32, 3))
    first, other = (
        keras.Model(picture, hand_maps(picture, trained)[2]).layers[1].get_weights()[0] for trained in (True, False)
    )
    assert first.shape == other.shape
    assert np.abs(first - other).max() > 0.01
