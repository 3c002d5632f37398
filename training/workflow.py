"""What `train.py` does, step by step: read, check, split, cut, train, calibrate, judge, export, report."""

import errno
import importlib.metadata
import shlex
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from training import calibration, data, export, fit, measures, report, served
from training.architectures import ARCHITECTURES, SIDE_STEP, WeightsError
from training.data import DataError, Problem, Sample, Split
from training.fit import Plan, ResumeError, say
from training.pictures import STORE_PX, Pictures, join, load_pictures, pictures_without_hand
from webapp.core.bundle import DELETE, NOTHING, SPACE, BundleError, Card, InputSpec, read_card
from webapp.core.hands import landmark_row
from webapp.hand_models import HandModelError

CACHE = Path(".handspell-cache")
NOTHING_PER_FRAME = 5
# Read, but not judged: movements, and what only one signer shows.
NOT_JUDGED = ("J", "Z", DELETE, NOTHING, SPACE)
LIBRARIES = ("keras", "tensorflow-cpu", "ai-edge-litert", "numpy", "opencv-python-headless", "scikit-learn")


@dataclass(frozen=True)
class TrainOptions:
    """`train.py`'s command line; what is None is the architecture's own."""

    data: list[Path]
    frames: Path | None = None
    labels: str = "letters"
    limit: int = 0
    split: str = "signer"
    val_signers: str = ""
    test_signers: str = ""
    val_fraction: float = 0.2
    arch: str = "handspell"
    weights: str | None = None
    init: Path | None = None
    twin: Path | None = None
    size: int | None = None
    warm_size: int = 0
    warm_epochs: int = 0
    epochs: int | None = None
    steps: int | None = None
    batch: int | None = None
    learning_rate: float | None = None
    ema: float | None = None
    patience: int | None = None
    augmentation: str | None = None
    precision: str = "float32"
    seed: int = 1
    out: Path | None = None
    run: Path | None = None
    resume: bool = False
    force: bool = False
    no_report: bool = False

    @property
    def bundle(self) -> Path:
        """Where the bundle goes."""
        return self.out or Path("models") / (self.labels if self.labels in data.LABEL_SETS else "custom")

    @property
    def run_folder(self) -> Path:
        """Where checkpoints and logs go."""
        return self.run or Path("runs") / self.bundle.name


@dataclass
class Prepared:
    """Data that is ready to be learnt from."""

    labels: tuple[str, ...]
    split: Split
    problems: list[Problem]
    pictures: Pictures
    frames: list[Sample] = field(default_factory=list)


def train_bundle(options: TrainOptions) -> int:
    """Train and export as `options` say. Returns the exit status; what is wrong is said in a sentence."""
    try:
        return _train_bundle(options)
    except (DataError, WeightsError, HandModelError, ResumeError, export.ExportError, BundleError) as error:
        say(str(error))
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EROFS):
            raise
        say(
            f"Cannot write {error.filename or ''}: {error.strerror}. Free some space or choose other folders with --out and --run; --resume goes on."
        )
    return 1


def _train_bundle(options: TrainOptions) -> int:
    if not (options.resume or options.force) and (begun := fit.unfinished(options.run_folder)):
        done, epochs = begun
        raise ResumeError(
            f"The run in {options.run_folder} was broken off after epoch {done} of {epochs}. The same command with --resume goes on with it; "
            "--force begins anew, and --run keeps it and works elsewhere."
        )
    prepared = prepare_data(options)
    plan = make_plan(options, prepared)
    say(
        f"{plan.arch} on {len(prepared.pictures):,} pictures, {plan.steps} batches of {plan.batch} an epoch, {keras.backend.backend()}"
    )
    progress = fit.run(
        plan,
        prepared.pictures,
        make_judge(prepared, ARCHITECTURES[plan.arch].settings.landmarks),
        options.run_folder,
        options.resume,
    )
    if progress.stopped == "interrupted":
        say(
            f"Interrupted. The best network so far (epoch {progress.best_epoch}) is {options.run_folder / fit.BEST}. The same command with --resume goes on."
        )
        return 130
    model = fit.best_network(plan, options.run_folder)
    card = export_bundle(options, plan, prepared, model, progress)
    say(f"{options.bundle}: version {card.version}")
    say(side_by_side(options, card))
    return 0


# --- data -------------------------------------------------------------------------------------------------------


def prepare_data(options: TrainOptions) -> Prepared:
    """Read, check, split and cut; the list of what is wrong is said before anything else happens. Raises DataError."""
    labels = data.label_list(options.labels)
    samples, problems = data.read_data(options.data)
    samples, unwanted = data.keep_labels(samples, labels)
    # Our own sets hold letters and digits both: which are left out is no news, and no mistake.
    problems += unwanted if options.labels not in data.LABEL_SETS else _in_one_line(unwanted)
    samples, broken = data.check_files(samples)
    problems += broken + data.check_labels(samples, labels)
    if len({sample.label for sample in samples}) < 2:
        _say_problems(problems)
        raise DataError("There are not two labels with pictures: nothing can be told apart. Check --data and --labels.")
    split = everybody(samples, read_card(options.twin)) if options.twin else make_split(samples, options)
    split, leaks = data.drop_leaks(split)
    problems += leaks
    _say_problems(problems)
    train = limited(split.train, options.limit, options.seed)
    if not train or not (split.val or options.twin):
        raise DataError(
            "The split leaves one side without pictures: of one person alone nobody can be kept apart. "
            "Add another person's pictures, or give --split random."
        )
    size = store_size(options)
    pictures = load_pictures(train, CACHE, size)
    # Only where batches are balanced: else pictures of no hand would drown the rest.
    with_frames = NOTHING in labels and ARCHITECTURES[options.arch].settings.balanced
    frames = read_frames(options, split) if with_frames else []
    bare = pictures_without_hand(frames, NOTHING_PER_FRAME, options.seed, size)
    return Prepared(labels, split, problems, join([pictures, bare]) if bare else pictures, frames)


def store_size(options: TrainOptions) -> int:
    """The side at which pictures are kept: larger than ours needs, so that it can be turned and enlarged."""
    own = options.size or ARCHITECTURES[options.arch].settings.size
    return max(own, STORE_PX) if options.arch == "handspell" else own


def make_split(samples: Sequence[Sample], options: TrainOptions) -> Split:
    """The split that the options ask for."""
    if options.split == "random":
        return data.split_random(samples, options.val_fraction, options.seed)
    words = [[name for name in text.split(",") if name] for text in (options.val_signers, options.test_signers)]
    return data.split_by_signer(samples, words[0], words[1], options.val_fraction, options.seed)


def everybody(samples: Sequence[Sample], twin: Card) -> Split:
    """Nobody kept apart: what such a network reads of strangers is known from its twin alone."""
    apart = ", ".join(twin.raw["split"]["val_signers"])
    return Split(
        list(samples),
        [],
        [],
        f"none, everybody was learnt from; figures, temperature and floors are those of version {twin.version}, trained the same way without {apart}",
    )


def limited(samples: Sequence[Sample], limit: int, seed: int) -> list[Sample]:
    """At most `limit` samples a label, drawn at random; all of them if it is 0."""
    if not limit:
        return list(samples)
    rng = np.random.default_rng(seed)
    by_label: dict[str, list[Sample]] = defaultdict(list)
    for sample in samples:
        by_label[sample.label].append(sample)
    return [group[at] for group in by_label.values() for at in rng.permutation(len(group))[:limit]]


def read_frames(options: TrainOptions, split: Split) -> list[Sample]:
    """Whole frames of the people trained on, to cut pictures of no hand from."""
    folder = options.frames or options.data[0] / "frames"
    if not (folder / data.MANIFEST_NAME).is_file():
        return []
    apart = {sample.signer for sample in (*split.val, *split.test)}
    return [sample for sample in data.read_data([folder])[0] if sample.signer not in apart]


def _in_one_line(unwanted: Sequence[Problem]) -> list[Problem]:
    count = sum(problem.left_out for problem in unwanted)
    return [Problem("other labels", f"{len(unwanted)} that were not asked for", count)] if unwanted else []


def _say_problems(problems: Sequence[Problem], most: int = 40) -> None:
    if not problems:
        return
    say(f"About the data ({len(problems)}):")
    for problem in problems[:most]:
        say(f"  {problem}")
    if len(problems) > most:
        say(f"  … and {len(problems) - most} more")


# --- training ---------------------------------------------------------------------------------------------------


def make_plan(options: TrainOptions, prepared: Prepared) -> Plan:
    """The run's plan: the architecture's own settings where the options say nothing."""
    own = ARCHITECTURES[options.arch].settings

    def chosen(name: str) -> Any:
        given = getattr(options, name)
        return getattr(own, name) if given is None else given

    if options.arch == "handspell" and (chosen("size") % SIDE_STEP or options.warm_size % SIDE_STEP):
        raise DataError(f"handspell reads pictures whose side is a multiple of {SIDE_STEP}. Give such a --size.")
    batch, epochs = chosen("batch"), chosen("epochs")
    steps = options.steps or -(-len(prepared.pictures) // batch)
    return Plan(
        arch=options.arch,
        labels=prepared.labels,
        size=chosen("size"),
        epochs=epochs,
        batch=batch,
        optimiser=own.optimiser,
        learning_rate=chosen("learning_rate"),
        schedule=own.schedule,
        augmentation=chosen("augmentation"),
        weights=chosen("weights"),
        patience=chosen("patience"),
        label_smoothing=own.label_smoothing,
        # The average must forget the beginning within the run, however short that is.
        ema=min(chosen("ema"), 1 - 5 / max(5, epochs * steps)) if options.ema is None else options.ema,
        balanced=own.balanced,
        steps=steps,
        seed=options.seed,
        precision=options.precision,
        warm_size=options.warm_size,
        warm_epochs=options.warm_epochs,
        init=options.init.as_posix() if options.init else "",
        verbose=1 if sys.stderr.isatty() else 0,
    )


def make_judge(prepared: Prepared, with_landmarks: bool) -> fit.Judge:
    """Judges a network on the pictures kept apart, prepared as the server prepares them."""
    kept = prepared.split.val
    ready: dict[int, served.Inputs] = {}

    def inputs_of_size(size: int) -> served.Inputs:
        if size not in ready:
            ready[size] = served.prepared(kept, InputSpec(size, "area", landmarks=with_landmarks))
        return ready[size]

    return fit.pictures_judge(
        inputs_of_size,
        [s.label for s in kept],
        [s.signer for s in kept],
        prepared.labels,
        judged_labels(prepared.labels),
    )


def judged_labels(labels: Sequence[str]) -> list[str]:
    """The labels that the score is made of: the still letters, or all digits, or everything of somebody's own."""
    return [label for label in labels if label not in NOT_JUDGED] or list(labels)


# --- export -----------------------------------------------------------------------------------------------------


def export_bundle(
    options: TrainOptions, plan: Plan, prepared: Prepared, model: keras.Model, progress: fit.Progress
) -> Any:
    """Calibrate on the people kept apart, measure through the serving path, write the bundle. Returns the card."""
    if options.twin:
        return export_beside_twin(options, plan, prepared, model, progress, read_card(options.twin))
    kept = prepared.split.val
    labels = list(plan.labels)
    truth = np.array([sample.label for sample in kept])
    signers = np.array([sample.signer for sample in kept])
    numbers = np.array([labels.index(label) for label in truth])
    spec = InputSpec(plan.size, "area", landmarks=ARCHITECTURES[plan.arch].settings.landmarks)
    inputs = served.prepared(kept, spec)
    fitted = calibration.fit(model, inputs, numbers, _same_weight_a_signer(signers))
    export.calibrate(model, fitted)
    calibrated = fit.probabilities_of(model, inputs)
    floors = measures.floors(calibrated, truth, labels)
    figures = metrics(calibrated, truth, signers, labels, floors)
    bare = bare_of(kept, options, plan.seed)
    if spec.landmarks:
        figures["crop_alone"] = crop_alone(model, inputs, truth, signers, labels, floors)
    if bare is not None and NOTHING in labels:
        small = np.stack([served.prepare(rgb, spec) for rgb in bare.rgb])
        rows = np.stack([landmark_row(None)] * len(small))
        answers = fit.probabilities_of(model, {"image": small, "landmarks": rows})
        figures["other_rooms_read_as_a_sign"] = measures.share_above_floor(answers, labels, floors)
    if not options.force:
        export.refuse_worse(options.bundle, labels, figures["score"])
    facts = card_facts(options, plan, prepared, model, progress, figures, fitted)
    facts["reliability"] = measures.reliability(calibrated, truth, labels, floors)
    facts["confusions"] = measures.confusions(calibrated, truth, signers, labels)
    card = export.write_bundle(options.bundle, model, labels, floors, facts)
    if not options.no_report:
        page = report.Page(
            title=f"{card.name}: {plan.arch}",
            facts=card.raw,
            history=progress.history,
            best_epoch=progress.best_epoch,
            summary=measures.summary(calibrated, truth, signers, labels),
            labels=labels,
            truth=truth.tolist(),
            signers=signers.tolist(),
            probabilities=calibrated,
            pictures=inputs["image"].astype(np.uint8),
            random_split=random_split_score(options),
        )
        say(f"Report: {report.write_report(options.bundle / 'report', page)}")
    return card


def export_beside_twin(
    options: TrainOptions, plan: Plan, prepared: Prepared, model: keras.Model, progress: fit.Progress, twin: Card
) -> Card:
    """Write the bundle of a network that learnt from everybody, with what its twin taught about strangers."""
    if twin.labels != plan.labels:
        raise export.ExportError(
            f"{options.twin} reads other labels than this network. Give a twin of the same labels."
        )
    figures, fitted = twin.raw["metrics"], twin.raw["calibration"]
    if not options.force:
        export.refuse_worse(options.bundle, plan.labels, figures["score"])
    export.calibrate(model, fitted)
    facts = card_facts(options, plan, prepared, model, progress, figures, fitted)
    facts["reliability"] = twin.raw["reliability"]
    facts["confusions"] = twin.confusions
    facts["twin"] = {"version": twin.version, "split": twin.raw["split"], "command": twin.raw["command"]}
    return export.write_bundle(options.bundle, model, plan.labels, twin.floors, facts)


def crop_alone(
    model: keras.Model,
    inputs: served.Inputs,
    truth: measures.Words,
    signers: measures.Words,
    labels: Sequence[str],
    floors: dict[str, float],
) -> dict[str, Any]:
    """What a network that takes landmarks reads without any, as from a page that has no tracker."""
    alone = fit.probabilities_of(model, served.untold(inputs))
    figures = metrics(alone, truth, signers, labels, floors)
    return {name: figures[name] for name in ("score", "worst_signer", "calibration_error")}


def side_by_side(options: TrainOptions, card: Card) -> str:
    """What a random split reads beside what unseen signers read: the first says little about the second."""
    metrics = card.raw["metrics"]
    here = f"{card.raw['split']['rule']}: accuracy {metrics['accuracy']:.4f}, mean over signers {metrics['score']:.4f}"
    if options.split == "random":
        return f"{here}\nunseen signers: train without --split random to know"
    other = random_split_score(options)
    beside = f"{options.bundle.name}-random"
    return f"random split: {f'accuracy {other:.4f}' if other else f'not measured (--split random --out …/{beside})'}\n{here}"


def random_split_score(options: TrainOptions) -> float | None:
    """What a random split of the same data reads, where such a run was made: its bundle lies beside this one."""
    beside = options.bundle.with_name(f"{options.bundle.name}-random")
    try:
        return float(read_card(beside).raw["metrics"]["accuracy"])
    except (BundleError, KeyError):
        return None


def bare_of(kept: Sequence[Sample], options: TrainOptions, seed: int) -> Pictures | None:
    """Pictures of no hand from whole frames of the people kept apart."""
    folder = options.frames or options.data[0] / "frames"
    if not (folder / data.MANIFEST_NAME).is_file():
        return None
    people = {sample.signer for sample in kept}
    frames = [sample for sample in data.read_data([folder])[0] if sample.signer in people]
    return pictures_without_hand(frames, NOTHING_PER_FRAME, seed)


def metrics(
    probabilities: measures.Floats,
    truth: measures.Words,
    signers: measures.Words,
    labels: Sequence[str],
    floors: dict[str, float],
) -> dict[str, Any]:
    """The card's figures on the pictures kept apart; `score` is what bundles are compared by."""
    numbers = np.array([list(labels).index(label) for label in truth])
    right = probabilities.argmax(axis=1) == numbers
    judged = np.isin(truth, judged_labels(labels))
    signs = truth != NOTHING
    by_signer = measures.accuracy_by_signer(right[judged], signers[judged])
    figures: dict[str, Any] = {
        "score": measures.macro_by_signer(right[judged], signers[judged]),
        "accuracy": float(right.mean()),
        "macro_by_signer_all_signs": measures.macro_by_signer(right[signs], signers[signs]),
        "worst_signer": min(by_signer.values()),
        "calibration_error": measures.calibration_error(probabilities, numbers),
        "roc_auc": measures.roc_auc(probabilities, truth, labels),
        "pictures": len(truth),
        "by_signer": by_signer if len(by_signer) <= 20 else {},
    }
    if NOTHING in labels and np.any(~signs):
        figures["nothing_read_as_a_sign"] = measures.share_above_floor(probabilities[~signs], labels, floors)
    return figures


def card_facts(
    options: TrainOptions,
    plan: Plan,
    prepared: Prepared,
    model: keras.Model,
    progress: fit.Progress,
    figures: dict[str, Any],
    fitted: Mapping[str, float],
) -> dict[str, Any]:
    """The card's fields that no program needs and every reader wants."""
    split = prepared.split
    return {
        "architecture": plan.arch,
        "parameters": model.count_params(),
        "trained": datetime.now(UTC).isoformat(timespec="seconds"),
        "calibration": dict(fitted),
        "metrics": figures,
        "split": {
            "rule": split.rule,
            "train_signers": sorted({sample.signer for sample in split.train}),
            "val_signers": sorted({sample.signer for sample in split.val}),
            "test_signers": sorted({sample.signer for sample in split.test}),
        },
        "data": {
            "sets": sets_table(split.train),
            "left_out": sum(problem.left_out for problem in prepared.problems),
            "sha256": data_sha256(split.train),
        },
        "training": asdict(plan)
        | {
            "best_epoch": progress.best_epoch,
            "epochs_done": progress.epoch,
            "seconds": round(progress.seconds),
            "images_per_second": round(progress.images_per_second),
        },
        "backend": keras.backend.backend(),
        "libraries": {name: importlib.metadata.version(name) for name in LIBRARIES},
        "commit": commit(),
        "command": command_line(),
    }


def sets_table(samples: Sequence[Sample]) -> list[dict[str, Any]]:
    """For each data set: how many pictures and signers, from where, under which licences."""
    rows = []
    for name in sorted({sample.set for sample in samples}):
        group = [sample for sample in samples if sample.set == name]
        rows.append(
            {
                "set": name,
                "pictures": len(group),
                "signers": len({sample.signer for sample in group}),
                "labels": dict(sorted(Counter(sample.label for sample in group).items())),
                "sources": sorted({sample.source for sample in group if sample.source}),
                "licences": sorted({sample.licence for sample in group if sample.licence}),
            }
        )
    return rows


def data_sha256(samples: Sequence[Sample]) -> str:
    """One hash over the training files' contents and labels, whatever their order."""
    lines = sorted(
        f"{sha256(sample.path.read_bytes()).hexdigest()} {sample.label} {sample.signer}" for sample in samples
    )
    return sha256("\n".join(lines).encode()).hexdigest()


def commit() -> str:
    """The commit that this code is at, or "unknown"."""
    done = subprocess.run(
        ["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=False, cwd=Path(__file__).parent
    )
    return done.stdout.strip() or "unknown"


def command_line() -> str:
    """The command as it would be typed in the repository."""
    program = Path(sys.argv[0])
    name = f"training/{program.name}" if program.suffix == ".py" else program.name
    return shlex.join(["python", name, *sys.argv[1:]])


def _same_weight_a_signer(signers: measures.Words) -> npt.NDArray[np.float64]:
    names, counts = np.unique(signers, return_counts=True)
    share = dict(zip(names.tolist(), 1 / counts, strict=True))
    return np.array([share[signer] for signer in signers.tolist()])
