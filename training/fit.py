"""The training loop: stages of growing pictures, a judge after every epoch, checkpoints, and the way back in.

A run lives in a folder: `plan.json` (what was asked), `last.keras` (network and optimiser after the last whole
epoch), `best.keras` (the network that the judge liked best), `progress.json` (epoch, history) and `logs/` for
TensorBoard. Everything random comes from (seed, epoch), so that a run that is broken off and resumed ends where
an unbroken one does.
"""

import json
import sys
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from time import perf_counter
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from training import augment, served, shape
from training.architectures import ARCHITECTURES, WeightsError
from training.batches import Batches
from training.pictures import Pictures

PLAN, LAST, BEST, PROGRESS, LOGS = "plan.json", "last.keras", "best.keras", "progress.json", "logs"
POSE_WEIGHT = 8.0
WEIGHT_DECAY = 0.05
RECIPES = {
    "none": augment.NONE,
    "shear-zoom": replace(augment.NONE, scale=(0.8, 1.2), shear=0.2),
    "full": augment.Recipe(),
    # For a run that begins from a trained network: nearer to what is served, and more hands shown as left ones.
    "finish": replace(augment.calmer(augment.Recipe(), 0.8), flip_share=0.3),
}

Judge = Callable[[keras.Model, int], dict[str, float]]
"""From a network and its input size to figures; the one called "score" decides which epoch is best."""


class ResumeError(Exception):
    """A run that cannot be gone on with; the message says why."""


@dataclass(frozen=True)
class Plan:
    """Everything that decides what a run does, but for the data."""

    arch: str
    labels: tuple[str, ...]
    size: int
    epochs: int
    batch: int
    optimiser: str
    learning_rate: float
    schedule: str
    augmentation: str
    weights: str
    patience: int
    label_smoothing: float
    ema: float
    balanced: bool
    steps: int
    """Batches an epoch."""
    seed: int = 1
    precision: str = "float32"
    warm_size: int = 0
    """Side of the pictures in the first epochs, 0 for `size` throughout."""
    warm_epochs: int = 0
    init: str = ""
    """A saved network of the same architecture to begin from; layers of other shapes begin anew."""
    verbose: int = 2

    def stages(self) -> list[tuple[int, int]]:
        """Picture size and the epoch at which it ends, in order."""
        warm = [(self.warm_size, min(self.warm_epochs, self.epochs))] if self.warm_size and self.warm_epochs else []
        return [*warm, (self.size, self.epochs)]


@dataclass
class Progress:
    """How far a run has come."""

    epoch: int = 0
    """Whole epochs done."""
    best_epoch: int = 0
    best_score: float = -1.0
    improved_epoch: int = 0
    """The last epoch that scored higher than all before it; patience counts from here."""
    seconds: float = 0.0
    images_per_second: float = 0.0
    history: list[dict[str, float]] = field(default_factory=list)
    stopped: str = ""
    """Why the run ended before its last epoch, if it did: "patience" or "interrupted"."""


def run(plan: Plan, pictures: Pictures, judge: Judge, folder: Path, resume: bool = False) -> Progress:
    """Train as planned and leave the best network in `folder`. Ctrl-C ends it after the last whole epoch's state.

    Raises ResumeError where there is nothing to go on with, or another plan.
    """
    keras.utils.set_random_seed(plan.seed)
    keras.config.set_dtype_policy(plan.precision)
    progress = _open_folder(plan, folder, resume, pictures)
    try:
        for size, until in plan.stages():
            if progress.epoch >= until or progress.stopped == "patience":
                continue
            # Every stage starts from disk, as a resumed run does: Keras puts the averaged weights in place of the
            # trained ones when `fit` returns.
            model = keras.models.load_model(folder / LAST)
            train = make_batches(plan, pictures, size, progress.epoch)
            keeper = Keeper(plan, judge, size, folder, progress)
            callbacks = [keeper, keras.callbacks.TensorBoard(str(folder / LOGS), write_graph=False)]
            # The batches are drawn at random already; shuffling them would lose where an interrupted epoch was.
            model.fit(
                train,
                initial_epoch=progress.epoch,
                epochs=until,
                verbose=plan.verbose,
                callbacks=callbacks,
                shuffle=False,
            )
    except KeyboardInterrupt:
        progress.stopped = "interrupted"
        # `progress.json` keeps the last whole epoch, which is what `last.keras` holds.
    finally:
        keras.config.set_dtype_policy("float32")
    return progress


def unfinished(folder: Path) -> tuple[int, int] | None:
    """How many epochs of how many a run that was broken off in `folder` has done; None where there is none to lose."""
    if not (folder / PROGRESS).is_file() or not (folder / PLAN).is_file():
        return None
    progress = Progress(**json.loads((folder / PROGRESS).read_text(encoding="utf-8")))
    epochs = json.loads((folder / PLAN).read_text(encoding="utf-8"))["epochs"]
    return (progress.epoch, epochs) if 0 < progress.epoch < epochs and progress.stopped != "patience" else None


def make_batches(plan: Plan, pictures: Pictures, size: int, epoch: int) -> Batches:
    """The plan's batches from `epoch` on."""
    return Batches(
        pictures,
        plan.labels,
        size,
        plan.batch,
        RECIPES[plan.augmentation],
        plan.seed,
        plan.steps,
        epoch,
        with_landmarks=ARCHITECTURES[plan.arch].settings.landmarks,
        balanced=plan.balanced,
    )


def make_model(plan: Plan, pictures: Pictures) -> keras.Model:
    """The plan's network, compiled; what learns from landmarks alone has learnt it already, and stays as it is."""
    # Ours is trained on pictures of two sizes; the tutorials' networks flatten theirs and know one.
    size: Any = None if plan.arch == "handspell" else plan.size
    model = ARCHITECTURES[plan.arch].build(size, len(plan.labels), plan.weights)
    if plan.init:
        begin_from(model, Path(plan.init))
    if ARCHITECTURES[plan.arch].settings.landmarks:
        shape.train(model, pictures, plan.labels, plan.seed)
    loss: Any = keras.losses.CategoricalCrossentropy(label_smoothing=plan.label_smoothing)
    metrics: Any = [keras.metrics.CategoricalAccuracy(name="accuracy")]
    weights = None
    if plan.arch == "handspell":
        loss, metrics = {"probabilities": loss, "pose": "mean_absolute_error"}, {"probabilities": metrics}
        weights = {"probabilities": 1.0, "pose": POSE_WEIGHT}
    model.compile(
        optimizer=_optimiser(plan),
        loss=loss,
        loss_weights=weights,
        # Unweighted: the weights only say where there are landmarks.
        metrics=metrics,
        # XLA makes small convolutional networks several times slower on a processor's cores under TensorFlow.
        jit_compile=False if keras.backend.backend() == "tensorflow" else "auto",
    )
    return model


def begin_from(model: keras.Model, saved: Path) -> None:
    """Take over the weights of a saved network layer by layer, wherever the shapes agree. Raises WeightsError."""
    try:
        source = keras.models.load_model(saved, compile=False)
    except (OSError, ValueError) as error:
        raise WeightsError(f"{saved} cannot be begun from: {error}") from None
    before = _by_kind(source)
    for kind, made in _by_kind(model).items():
        for layer, other in zip(made, before.get(kind, []), strict=False):
            if [w.shape for w in layer.weights] == [w.shape for w in other.weights]:
                layer.set_weights(other.get_weights())


def _by_kind(model: keras.Model) -> dict[str, list[keras.Layer]]:
    """The layers with weights, kind by kind in the order in which they were made.

    Their names carry a running number of the process, and their order in a model depends on its outputs.
    """

    def place(layer: keras.Layer) -> tuple[str, int]:
        base, _, number = layer.name.rpartition("_")
        return (base, int(number)) if number.isdigit() else (layer.name, 0)

    kinds: dict[str, list[keras.Layer]] = defaultdict(list)
    for layer in sorted((layer for layer in model.layers if layer.weights), key=place):
        kinds[place(layer)[0]].append(layer)
    return kinds


def _optimiser(plan: Plan) -> keras.optimizers.Optimizer:
    rate: Any = plan.learning_rate
    if plan.schedule == "cosine":
        total = plan.epochs * plan.steps
        warm = min(total // 10, 2 * plan.steps)
        rate = keras.optimizers.schedules.CosineDecay(
            rate / 20, total - warm, 0.01, warmup_target=rate, warmup_steps=warm
        )
    average = {"use_ema": True, "ema_momentum": plan.ema} if plan.ema else {}
    if plan.optimiser == "adamw":
        optimiser = keras.optimizers.AdamW(rate, weight_decay=WEIGHT_DECAY, **average)
        optimiser.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
        return optimiser
    kinds = {"adam": keras.optimizers.Adam, "rmsprop": keras.optimizers.RMSprop, "sgd": keras.optimizers.SGD}
    return kinds[plan.optimiser](rate, **average)


class Keeper(keras.callbacks.Callback):
    """After every epoch: judge the (averaged) network, keep it if it is the best, keep the state, say how it goes."""

    def __init__(self, plan: Plan, judge: Judge, size: int, folder: Path, progress: Progress) -> None:
        super().__init__()
        self.plan, self.judge, self.size, self.folder, self.progress = plan, judge, size, folder, progress
        self._started = 0.0

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self._started = perf_counter()
        seed_dropout(self.model, self.plan.seed, epoch)

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        progress = self.progress
        trained = perf_counter() - self._started
        figures = dict(logs or {})
        _swap_average(self.model)
        judged = self.judge(self.model, self.size)
        # Of epochs that score the same the later one has learnt longer.
        better = judged["score"] >= progress.best_score
        # Small pictures only warm up: their networks are not the ones that will be served.
        if self.size == self.plan.size and (better or progress.best_epoch <= self.plan.warm_epochs):
            if judged["score"] > progress.best_score:
                progress.improved_epoch = epoch + 1
            progress.best_epoch, progress.best_score = epoch + 1, judged["score"]
            self.model.save(self.folder / BEST, include_optimizer=False)
        _swap_average(self.model)
        figures |= judged
        if logs is not None:
            logs |= judged  # for TensorBoard
        progress.epoch = epoch + 1
        progress.seconds += perf_counter() - self._started
        progress.images_per_second = self.plan.steps * self.plan.batch / trained
        progress.history.append({name: float(value) for name, value in figures.items()} | {"epoch": epoch + 1})
        if self.plan.patience and epoch + 1 - max(progress.improved_epoch, self.plan.warm_epochs) >= self.plan.patience:
            progress.stopped = "patience"
            self.model.stop_training = True
        _save_last(self.model, self.folder, progress)
        self._say(figures)

    def _say(self, figures: dict[str, float]) -> None:
        progress = self.progress
        left = progress.seconds / progress.epoch * (self.plan.epochs - progress.epoch)
        shown = "  ".join(f"{name} {value:.4f}" for name, value in figures.items() if name != "learning_rate")
        print(
            f"epoch {progress.epoch}/{self.plan.epochs}  {shown}  {progress.images_per_second:.0f} images/s  "
            f"about {left / 60:.0f} min left  best: epoch {progress.best_epoch} with {max(progress.best_score, 0):.4f}",
            flush=True,
        )


def seed_dropout(model: keras.Model, seed: int, epoch: int) -> None:
    """Start every dropout layer's generator anew from (seed, epoch), so that no state needs to be carried over."""
    for at, layer in enumerate(model._flatten_layers()):
        generator = getattr(layer, "seed_generator", None)
        if generator is not None:
            state = np.random.default_rng([seed, epoch, at]).integers(0, 2**31, generator.state.shape)
            generator.state.assign(state.astype(np.uint32))


def _swap_average(model: keras.Model) -> None:
    """Exchange the trained weights and their moving average (as keras.callbacks.SwapEMAWeights does for itself)."""
    optimiser = getattr(model.optimizer, "inner_optimizer", model.optimizer)
    if not optimiser.use_ema:
        return
    for variable, average in zip(model.trainable_variables, optimiser._model_variables_moving_average, strict=True):
        trained = keras.ops.convert_to_numpy(variable)
        variable.assign(average)
        average.assign(trained)


def _open_folder(plan: Plan, folder: Path, resume: bool, pictures: Pictures) -> Progress:
    folder.mkdir(parents=True, exist_ok=True)
    if resume:
        return _reopen(plan, folder)
    for name in (LAST, BEST, PROGRESS):
        (folder / name).unlink(missing_ok=True)
    (folder / PLAN).write_text(json.dumps(asdict(plan), indent=1), encoding="utf-8")
    progress = Progress()
    model = make_model(plan, pictures)
    model.optimizer.build(model.trainable_variables)
    _save_last(model, folder, progress)
    return progress


def _reopen(plan: Plan, folder: Path) -> Progress:
    if not (folder / PROGRESS).is_file() or not (folder / LAST).is_file():
        raise ResumeError(f"There is nothing to resume in {folder}. Start without --resume.")
    before = json.loads((folder / PLAN).read_text(encoding="utf-8"))
    now = json.loads(json.dumps(asdict(plan)))
    changed = [name for name in now if name != "verbose" and before.get(name, Plan.__dict__.get(name)) != now[name]]
    if changed:
        was = ", ".join(f"{name} {before.get(name)!r}" for name in changed)
        raise ResumeError(f"The run in {folder} was begun with {was}. Give the same, or start without --resume.")
    progress = Progress(**json.loads((folder / PROGRESS).read_text(encoding="utf-8")))
    if progress.stopped == "interrupted":
        progress.stopped = ""
    return progress


def _save_last(model: keras.Model, folder: Path, progress: Progress) -> None:
    """State and progress change together or not at all: both are written aside first."""
    aside = folder / f"next-{LAST}"
    model.save(aside)
    notes = folder / f"next-{PROGRESS}"
    notes.write_text(json.dumps(asdict(progress), indent=1), encoding="utf-8")
    aside.replace(folder / LAST)
    notes.replace(folder / PROGRESS)


def best_network(plan: Plan, folder: Path) -> keras.Model:
    """The best network of a run as it will be served: fixed size, float32, one output, `probabilities` (B, labels)."""
    trained = keras.models.load_model(folder / BEST, compile=False)
    size = plan.size
    built = ARCHITECTURES[plan.arch].build(size, len(plan.labels), "none" if plan.arch == "handspell" else plan.weights)
    built.set_weights(trained.get_weights())
    inputs = {tensor.name: tensor for tensor in built.inputs} if len(built.inputs) > 1 else built.inputs
    return keras.Model(inputs, built.get_layer("probabilities").output, name=plan.arch)


def pictures_judge(
    inputs_of_size: Callable[[int], served.Inputs],
    truth: Sequence[str],
    signers: Sequence[str],
    labels: Sequence[str],
    judged: Sequence[str],
) -> Judge:
    """A judge that reads held-out pictures and scores the mean over signers on the labels in `judged`."""
    from training.measures import macro_by_signer

    names, people, words = np.array(labels), np.array(signers), np.array(truth)
    counted = np.isin(words, list(judged))

    def judge(model: keras.Model, size: int) -> dict[str, float]:
        if not counted.any():
            return {"score": 0.0}
        inputs = inputs_of_size(size)
        right = names[probabilities_of(model, inputs).argmax(axis=1)] == words
        score = macro_by_signer(right[counted], people[counted])
        if len(model.inputs) == 1:
            return {"score": score, "val_accuracy": float(right.mean())}
        alone = names[probabilities_of(model, served.untold(inputs)).argmax(axis=1)] == words
        blind = macro_by_signer(alone[counted], people[counted])
        # People with a tracker and people without one count alike.
        return {"score": (score + blind) / 2, "with_landmarks": score, "crop_alone": blind}

    return judge


def probabilities_of(model: keras.Model, inputs: served.Inputs) -> npt.NDArray[np.float32]:
    """What a network answers, whatever other outputs it has for training.  # (N, labels)"""
    answers = model.predict(served.fed(model, inputs), batch_size=128, verbose=0)
    return np.asarray(answers["probabilities"] if isinstance(answers, dict) else answers)


def say(words: str) -> None:
    """A line for the person who waits, on standard error so that standard output stays for results."""
    print(words, file=sys.stderr, flush=True)
