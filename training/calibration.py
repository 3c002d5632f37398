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
# Where a network makes no mistake, nothing says how sure it may be: it is not made surer than this.
MOST_ALONE, MOST_TOGETHER = 1 / 0.7, 0.9


def fit(
    model: keras.Model, inputs: served.Inputs, truth: npt.NDArray[np.intp], weights: npt.NDArray[np.float64]
) -> Mapping[str, float]:
    """What makes the true labels likeliest.

    truth: label numbers, (N,); weights: how much each picture counts, (N,). Returns `{"temperature"}` for a
    network of one input (Guo et al., 2017), the factors in `TRUST` for one of two experts.
    """
    if len(model.inputs) == 1:
        answers = model.predict(served.fed(model, inputs), batch_size=128, verbose=0)
        return {"temperature": round(measures.fit_temperature(answers, truth, weights), 4)}
    experts = keras.Model(
        {tensor.name: tensor for tensor in model.inputs},
        [model.get_layer(name).output for name in (BY_PICTURE, BY_SHAPE)],
    )
    blind, _ = experts.predict(served.untold(inputs), batch_size=128, verbose=0)
    (alone,) = _fitted([blind], truth, weights, MOST_ALONE)
    told = inputs["landmarks"][:, -1] > 0
    if not told.any():
        return dict(zip(TRUST, (round(float(alone), 4), 0.5, 0.5), strict=True))
    picture, shape = experts.predict({name: rows[told] for name, rows in inputs.items()}, batch_size=128, verbose=0)
    both, by_shape = _fitted([picture, shape], truth[told], weights[told], MOST_TOGETHER)
    return dict(zip(TRUST, (round(float(factor), 4) for factor in (alone, both, by_shape)), strict=True))


def _fitted(
    logits: list[Floats], truth: npt.NDArray[np.intp], weights: npt.NDArray[np.float64], most: float
) -> list[float]:
    """The factors from 0 to `most` whose sum of the logits, each (N, labels), makes the true labels likeliest."""

    def loss(factors: npt.NDArray[np.float64]) -> float:
        return _loss(sum(factor * each for factor, each in zip(factors, logits, strict=True)), truth, weights)

    start, bounds = [most / 2] * len(logits), [(0.0, most)] * len(logits)
    return [float(factor) for factor in minimize(loss, start, bounds=bounds, method="Nelder-Mead").x]


def _loss(logits: Floats, truth: npt.NDArray[np.intp], weights: npt.NDArray[np.float64]) -> float:
    """Mean cross-entropy, weighted.  # logits: (N, labels)"""
    logits = logits - logits.max(axis=1, keepdims=True)
    likelihood = logits[np.arange(len(truth)), truth] - np.log(np.exp(logits).sum(axis=1))
    return float(np.average(-likelihood, weights=weights))
