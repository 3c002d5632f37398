"""Images a second of training: the input pipeline alone, the step alone, both together, and a plain loop of the two.

    python -m benchmarks.train

The network is `handspell`, the augmentation the full one. The pictures are photographs of ../shared/data where they are
present, else noise of the same size, which costs as much.
"""

import os
import time
from collections.abc import Callable

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np

from benchmarks.crops import DATA
from benchmarks.results import Goal, Result, finish, machine, options, progress
from training.architectures import ARCHITECTURES
from training.batches import Batches
from training.data import read_data
from training.fit import RECIPES
from training.pictures import STORE_PX, Pictures, load_pictures

LABELS = tuple("ABCDEFGHIKLMNOPQRSTUVWXY")
PICTURES = 480
WORKERS = 2
LEAST_OF_THE_SLOWER = 0.7


def pictures() -> tuple[Pictures, str]:
    """What is learnt from, and a sentence on it."""
    if (DATA / "manifest.csv").is_file():
        samples = [s for s in read_data([DATA])[0] if s.set == "tracked" and s.split == "train" and s.label in LABELS]
        some = [samples[place] for place in np.random.default_rng(0).choice(len(samples), PICTURES, replace=False)]
        return load_pictures(some), f"Learns from {PICTURES} photographs of {DATA}."
    rng = np.random.default_rng(0)
    made = Pictures(
        rgb=rng.integers(0, 256, (PICTURES, STORE_PX, STORE_PX, 3), np.uint8),
        points=rng.uniform(0.2, 0.8, (PICTURES, 21, 3)).astype(np.float32),
        found=np.ones(PICTURES, bool),
        masked=np.zeros(PICTURES, bool),
        labels=np.array([LABELS[place % len(LABELS)] for place in range(PICTURES)]),
        signers=np.array([f"signer{place % 8}" for place in range(PICTURES)]),
        left=np.zeros(PICTURES, bool),
    )
    return made, f"Learns from noise, because {DATA} is absent."


def network(size: int) -> keras.Model:
    """Ours, compiled as it is trained; what it has learnt does not matter here."""
    model = ARCHITECTURES["handspell"].build(size, len(LABELS), "none")
    loss = {"probabilities": "categorical_crossentropy", "pose": "mean_absolute_error"}
    model.compile(optimizer=keras.optimizers.AdamW(1e-3), loss=loss, jit_compile=False)
    return model


def rate(work: Callable[[], object], images: int) -> float:
    """Images a second of `work`, which takes so many."""
    started = time.monotonic()
    work()
    return images / (time.monotonic() - started)


def main() -> None:
    own = options(__doc__)
    own.add_argument("--steps", type=int, default=20, help="batches of each measurement (default: 20)")
    own.add_argument("--batch", type=int, default=64, help="pictures a batch (default: 64)")
    own.add_argument("--size", type=int, default=64, help="side of the network's input in pixels (default: 64)")
    given = own.parse_args()
    progress("reading pictures …")
    source, whose = pictures()
    images = given.steps * given.batch

    def batches(workers: int) -> Batches:
        recipe = RECIPES["full"]
        return Batches(source, LABELS, given.size, given.batch, recipe, 1, given.steps, workers=workers)

    plain, model = batches(1), network(given.size)
    first = plain[0]
    model.train_on_batch(*first)  # builds the graph
    progress("input pipeline …")
    alone = rate(lambda: [plain[place] for place in range(given.steps)], images)
    progress("step …")
    step = rate(lambda: [model.train_on_batch(*first) for _ in range(given.steps)], images)
    progress("a plain loop …")
    loop = rate(lambda: [model.train_on_batch(*plain[place]) for place in range(given.steps)], images)
    progress("both together, as training runs …")
    model.fit(batches(WORKERS), epochs=1, steps_per_epoch=2, verbose=0)  # builds fit's own graph
    both = rate(lambda: model.fit(batches(WORKERS), epochs=1, shuffle=False, verbose=0), images)

    result = Result(
        "train", ("what", "images/s"), notes=[machine(), whose, f"{given.size} px, batches of {given.batch}."]
    )
    result.rows = [
        ("input pipeline alone, one thread", f"{alone:.0f}"),
        ("step alone", f"{step:.0f}"),
        ("both, a plain loop, one after the other", f"{loop:.0f}"),
        (f"both, as training runs: fit with {WORKERS} threads that prepare", f"{both:.0f}"),
    ]
    slower = min(alone, step)
    aims = (
        ("as training runs ≥ the plain loop", f"{both / loop:.2f} ×", both >= loop),
        (
            f"as training runs ≥ {LEAST_OF_THE_SLOWER:g} of the slower half alone",
            f"{both / slower:.2f}",
            both >= LEAST_OF_THE_SLOWER * slower,
        ),
    )
    result.goals = [Goal(*aim) for aim in aims]
    finish(result, given.out)


if __name__ == "__main__":
    main()
