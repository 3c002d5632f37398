"""Honest confidence: a few factors fitted on people who were not trained on, so that 0.9 is right nine times in ten."""

from collections.abc import Mapping

import keras
import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from training import measures, served
from training.architectures import BY_PICTURE, BY_SHAPE

Floats = npt.NDArray[np.float32]

TRUST = ("alone", "both", "shape")
"""The three factors of `architectures.Verdict`, in its order."""


def fit(
    model: keras.Model, inputs: served.Inputs, truth: npt.NDArray[np.intp], weights: npt.NDArray[np.float64]
) -> Mapping[str, float]:
    """What makes the true labels (numbers) likeliest, each picture weighing `weights`.

    `{"temperature"}` for a network of one input (Guo et al., 2017), the factors in `TRUST` for one of two experts.
    """
    if len(model.inputs) == 1:
        answers = model.predict(served.fed(model, inputs), batch_size=128, verbose=0)
        return {"temperature": round(measures.fit_temperature(answers, truth, weights), 4)}
    experts = keras.Model(
        {tensor.name: tensor for tensor in model.inputs},
        [model.get_layer(name).output for name in (BY_PICTURE, BY_SHAPE)],
    )
    blind, _ = experts.predict(served.untold(inputs), batch_size=128, verbose=0)
    alone = minimize(lambda x: _loss(x[0] * blind, truth, weights), [1.0], method="Nelder-Mead").x[0]
    told = inputs["landmarks"][:, -1] > 0
    if not told.any():
        return dict(zip(TRUST, (round(float(alone), 4), 0.5, 0.5), strict=True))
    picture, shape = experts.predict({name: rows[told] for name, rows in inputs.items()}, batch_size=128, verbose=0)
    both, by_shape = minimize(
        lambda x: _loss(x[0] * picture + x[1] * shape, truth[told], weights[told]), [0.5, 0.5], method="Nelder-Mead"
    ).x
    return dict(zip(TRUST, (round(float(factor), 4) for factor in (alone, both, by_shape)), strict=True))


def _loss(logits: Floats, truth: npt.NDArray[np.intp], weights: npt.NDArray[np.float64]) -> float:
    """Mean cross-entropy."""
    logits = logits - logits.max(axis=1, keepdims=True)
    likelihood = logits[np.arange(len(truth)), truth] - np.log(np.exp(logits).sum(axis=1))
    return float(np.average(-likelihood, weights=weights))
