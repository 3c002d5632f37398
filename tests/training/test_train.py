"""From pictures to a served bundle by one command, and every way in which that goes wrong."""

import errno
import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import socketio
from ai_edge_litert.interpreter import Interpreter

from tests.server import ROOT, Server
from tests.training import shapes
from tests.training.conftest import SMALL
from training import export, fit, reexport, train, workflow
from training.architectures import ARCHITECTURES
from training.data import read_data
from training.pictures import load_pictures
from training.workflow import TrainOptions, train_bundle
from webapp.core.bundle import read_card
from webapp.inference import Network


def small(data: Path, **others: Any) -> TrainOptions:
    return TrainOptions(**({"data": [data], "out": Path("bundle"), "epochs": 1, "steps": 2} | SMALL | others))


# --- what comes out ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("arch", sorted(set(ARCHITECTURES) - {"handspell"}))
def test_every_architecture_trains_by_one_command(arch: str, shape_data: Path) -> None:
    size = "80" if arch == "custom-cnn" else "32"
    command = f"--data {shape_data} --labels {SMALL['labels']} --arch {arch} --size {size} --weights none --epochs 1"
    assert train.main([*command.split(), "--steps", "2", "--val-signers", "dee", "--no-report", "--out", "bundle"]) == 0
    card = read_card(Path("bundle"))
    assert card.raw["architecture"] == arch
    assert card.labels == shapes.SHAPES


def test_the_bundle_reads_signers_it_never_saw(shape_bundle: Path) -> None:
    card = read_card(shape_bundle)
    assert card.raw["metrics"]["score"] > 0.8
    assert card.raw["split"]["val_signers"] == ["dee"]
    assert "dee" not in card.raw["split"]["train_signers"]


def test_the_card_says_what_it_was_made_from(shape_bundle: Path) -> None:
    raw = read_card(shape_bundle).raw
    (row,) = raw["data"]["sets"]
    assert row["pictures"] == 3 * 4 * 12
    assert row["signers"] == 3
    assert len(raw["data"]["sha256"]) == 64
    assert raw["parameters"] > 100_000
    assert raw["libraries"]["keras"] == keras.__version__
    assert raw["training"]["images_per_second"] > 0
    assert {"commit", "command", "calibration", "backend"} <= raw.keys()
    assert "Split: by signer" in (shape_bundle / "README.md").read_text(encoding="utf-8")


def test_both_files_of_the_bundle_say_the_same(shape_bundle: Path) -> None:
    card = read_card(shape_bundle)
    model = keras.models.load_model(shape_bundle / "model.keras", compile=False)
    inputs = export.stored_inputs(card.input.size)
    for batch in (1, 4):
        served = export.Network(shape_bundle / "model.tflite", card.input.size, batch)(inputs)
        allowed = export.Form.EIGHT_BITS.agreement
        np.testing.assert_allclose(served, model.predict(export.fed(model, inputs), verbose=0), atol=allowed)


def test_the_report_shows_photographs_in_their_own_folder_only(shape_bundle: Path) -> None:
    report = shape_bundle / "report"
    assert {path.name for path in report.glob("*.png")} == {"curves.png", "confusion.png", "roc.png", "signers.png"}
    assert {path.name for path in (report / "photographs").iterdir()} == {"examples.png", "confused.png"}
    page = (report / "index.html").read_text(encoding="utf-8")
    for words in ("Side by side", "random split", "by signer", "Worst confusions", "F1", "ROC"):
        assert words in page


def test_a_network_that_differs_after_export_is_not_written(shape_bundle: Path) -> None:
    model = keras.models.load_model(shape_bundle / "model.keras", compile=False)
    network = export.Network(shape_bundle / "model.tflite", 32, 1)
    export.calibrate(model, {"alone": 5.0, "both": 5.0, "shape": 0.0})
    with pytest.raises(export.ExportError, match="differs from the trained one"):
        export.check_agreement(model, network, export.stored_inputs(32))


@pytest.mark.parametrize(("refused", "kept_as"), [(0, "int8"), (1, "float16"), (2, "float32")])
def test_a_network_is_served_in_the_fastest_form_that_answers_the_same(
    refused: int, kept_as: str, shape_bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = keras.models.load_model(shape_bundle / "model.keras", compile=False)
    verdicts = iter([*[export.ExportError("too far")] * refused, None])

    def judge(*args: object) -> None:
        if verdict := next(verdicts):
            raise verdict

    monkeypatch.setattr(export, "check_agreement", judge)
    export.convert_and_check(model, tmp_path, 32)
    tensors = Interpreter(str(tmp_path / "model.tflite")).get_tensor_details()
    kernels = {
        np.dtype(tensor["dtype"]).name for tensor in tensors if len(tensor["shape"]) == 4 and tensor["shape"][0] > 1
    }
    assert kept_as in kernels
    assert kernels <= {kept_as, "float32"}  # what is small stays exact, and half precision is unpacked
    halved = (tmp_path / "model.keras").stat().st_size < 3 * model.count_params()
    assert halved == (kept_as != "float32")


def test_a_bundle_is_exported_again_without_training(shape_bundle: Path, tmp_path: Path) -> None:
    old = tmp_path / "old"
    shutil.copytree(shape_bundle, old)
    before = read_card(old)
    model = keras.models.load_model(old / "model.keras", compile=False)
    export.calibrate(model, {"alone": 2.0, "both": 2.0, "shape": 0.0})
    model.save(tmp_path / "other.keras")
    assert reexport.main(["--model", str(old), "--keras", str(tmp_path / "other.keras")]) == 0
    after = read_card(old)
    assert after.version != before.version
    assert after.check_output != before.check_output
    assert (after.floors, after.raw["metrics"]) == (before.floors, before.raw["metrics"])
    Network(old)  # its own check passes
    assert reexport.main(["--model", str(old), "--keras", str(tmp_path / "missing.keras")]) == 1


# --- landmarks --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def hand_bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle whose pictures say nothing and whose landmarks say everything."""
    folder = tmp_path_factory.mktemp("hands")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        data = shapes.hands(folder / "data")
        hands_small = SMALL | {"arch": "handspell", "labels": "open,fist"}
        assert train_bundle(TrainOptions([data], out=folder / "bundle", epochs=1, steps=2, **hands_small)) == 0
    return folder / "bundle"


def test_the_shape_of_a_hand_is_read_where_the_picture_says_nothing(hand_bundle: Path) -> None:
    card = read_card(hand_bundle)
    assert card.input.landmarks
    assert card.raw["metrics"]["score"] > 0.9  # an eighth of the hands have no joints
    assert card.raw["metrics"]["crop_alone"]["score"] < 0.8
    assert set(card.raw["calibration"]) == {"alone", "both", "shape"}
    assert set(card.raw["reliability"]) <= {"open", "fist"}
    assert set(card.confusions) == {"open", "fist"}

    rng = np.random.default_rng(9)
    network = Network(hand_bundle)
    noise = [rng.integers(0, 256, (32, 32, 3)).astype(np.float32) for _ in range(8)]
    labels = ["open", "fist"] * 4
    rows = network.probabilities(noise, [shapes.joints(label, rng).ravel() for label in labels])
    assert [card.labels[at] for at in rows.argmax(axis=1)] == labels


def test_a_twin_learns_from_everybody_and_takes_the_figures_over(hand_bundle: Path, tmp_path: Path) -> None:
    data = hand_bundle.parent / "data"
    options = small(data, arch="handspell", labels="open,fist", val_signers="", twin=hand_bundle)
    assert train_bundle(options) == 0
    before, card = read_card(hand_bundle), read_card(Path("bundle"))
    assert card.raw["split"]["train_signers"] == sorted(shapes.SIGNERS)
    assert card.raw["metrics"] == before.raw["metrics"]
    assert card.floors == before.floors
    assert card.raw["twin"]["version"] == before.version
    assert "everybody was learnt from" in card.raw["split"]["rule"]


@pytest.mark.parametrize("backend", ["torch", "jax"])
def test_other_backends_train_and_export(backend: str, hand_bundle: Path) -> None:
    if importlib.util.find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed, so training with it was not tried")
    command = "--labels open,fist --size 32 --batch 16 --val-signers dee --epochs 1 --steps 2 --no-report --out bundle"
    done = subprocess.run(
        [
            sys.executable,
            str(ROOT / "training" / "train.py"),
            "--data",
            str(hand_bundle.parent / "data"),
            *command.split(),
        ],
        env=os.environ | {"KERAS_BACKEND": backend},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    card = read_card(Path("bundle"))
    assert card.raw["backend"] == backend
    assert card.raw["metrics"]["score"] > 0.9
    assert Network(Path("bundle")).card.version == card.version


# --- served -----------------------------------------------------------------------------------------------------


def test_the_running_server_answers_from_a_bundle_trained_here(shape_bundle: Path, tmp_path: Path) -> None:
    shutil.copytree(shape_bundle, tmp_path / "models" / "letters")
    server = Server(HANDSPELL_MODELS=str(tmp_path / "models"))
    client = socketio.SimpleClient()
    try:
        client.connect(server.url)
        rng = np.random.default_rng(3)
        right = 0
        for number in range(12):
            shape = shapes.SHAPES[number % 4]
            picture = tmp_path / "frame.jpg"
            shapes.save(picture, shapes.draw(shape, rng))
            ack = client.call("frame", {"seq": number, "t": 100.0 * number, "jpeg": picture.read_bytes()}, timeout=10)
            assert "error" not in ack
            right += ack["top"][0][0] == shape
        assert right >= 9
    finally:
        client.disconnect()
        server.stop()


def test_a_damaged_bundle_is_refused_with_a_sentence(shape_bundle: Path, tmp_path: Path) -> None:
    damaged = tmp_path / "models" / "letters"
    shutil.copytree(shape_bundle, damaged)
    data = bytearray((damaged / "model.tflite").read_bytes())
    data[len(data) // 2] ^= 0xFF
    (damaged / "model.tflite").write_bytes(data)
    with pytest.raises(AssertionError, match="did not start") as refusal:
        Server(deadline_seconds=12, HANDSPELL_MODELS=str(tmp_path / "models"))
    assert "the file is not the one that card.json describes" in str(refusal.value)
    assert "Traceback" not in str(refusal.value)


# --- broken off, and gone on with -------------------------------------------------------------------------------


def eagerly(request: pytest.FixtureRequest) -> None:
    """Let TensorFlow compute step by step until the test ends."""
    import tensorflow as tf

    tf.config.run_functions_eagerly(True)
    request.addfinalizer(lambda: tf.config.run_functions_eagerly(False))


# TensorFlow warns that data is still prepared in graphs.
@pytest.mark.filterwarnings("ignore:Even though the `tf.config.experimental_run_functions_eagerly`")
@pytest.mark.parametrize("arch", ["handspell", "deep-cnn"])
def test_a_resumed_run_ends_where_an_unbroken_one_does(
    arch: str, shape_data: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    options = small(shape_data, arch=arch, epochs=3, steps=3, batch=4)
    if arch == "handspell":  # pictures grow between the first epoch and the second
        options = replace(options, warm_size=16, warm_epochs=1)
    prepared = workflow.prepare_data(options)
    plan = workflow.make_plan(options, prepared)

    def run(folder: str, resume: bool = False) -> fit.Progress:
        return fit.run(plan, prepared.pictures, lambda model, size: {"score": 0.5}, Path(folder), resume)

    def weights(folder: str) -> list[np.ndarray]:
        return keras.models.load_model(Path(folder) / fit.LAST, compile=False).get_weights()

    eagerly(request)  # nine steps in all: making graphs of them takes longer
    assert run("whole").epoch == 3

    def interrupt(self: fit.Keeper, batch: int, logs: Any = None) -> None:
        if self.progress.epoch == 1 and batch == 1:
            signal.raise_signal(signal.SIGINT)  # Ctrl-C in the middle of the second epoch

    with monkeypatch.context() as patch:
        patch.setattr(fit.Keeper, "on_train_batch_end", interrupt)
        assert run("broken").stopped == "interrupted"
    resumed = run("broken", resume=True)
    assert resumed.epoch == 3
    for one, other in zip(weights("whole"), weights("broken"), strict=True):
        np.testing.assert_array_equal(one, other)
    before, after = (json.loads((Path(f) / fit.PROGRESS).read_text())["history"] for f in ("whole", "broken"))
    assert before == after


def test_an_interrupt_says_how_to_go_on_and_leaves_the_served_bundle_alone(
    shape_data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(self: fit.Keeper, batch: int, logs: Any = None) -> None:
        if self.progress.epoch == 1:
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(fit.Keeper, "on_train_batch_end", interrupt)
    assert train_bundle(small(shape_data, epochs=3)) == 130
    said = capsys.readouterr().err
    assert "The best network so far (epoch 1) is runs/bundle/best.keras" in said
    assert "--resume goes on" in said
    assert not Path("bundle").exists()
    assert keras.models.load_model(Path("runs/bundle") / fit.BEST, compile=False).count_params() > 0
    # And without --resume nothing of it is lost.
    assert train_bundle(small(shape_data, epochs=3)) == 1
    assert "broken off after epoch 1 of 3. The same command with --resume goes on" in capsys.readouterr().err
    assert (Path("runs/bundle") / fit.LAST).exists()
    assert train_bundle(small(shape_data, epochs=3, force=True)) == 130


def test_a_side_that_ours_cannot_halve_is_refused(shape_data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert train_bundle(small(shape_data, arch="handspell", size=40)) == 1
    assert "a multiple of 16. Give such a --size" in capsys.readouterr().err


def test_resuming_another_plan_is_refused(shape_data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert train_bundle(small(shape_data)) == 0
    assert train_bundle(small(shape_data, resume=True, learning_rate=0.5)) == 1
    assert "was begun with learning_rate 0.001" in capsys.readouterr().err


def test_resuming_nothing_is_refused(shape_data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert train_bundle(small(shape_data, resume=True)) == 1
    assert "There is nothing to resume" in capsys.readouterr().err


def test_training_stops_when_it_gets_no_better(shape_data: Path) -> None:
    assert train_bundle(small(shape_data, epochs=9, patience=2, learning_rate=0.0)) == 0
    assert read_card(Path("bundle")).raw["training"]["epochs_done"] == 3


def test_a_network_may_begin_from_another_with_other_labels(shape_bundle: Path, shape_data: Path) -> None:
    plan = fit.Plan(
        "handspell", ("a", "b"), 32, 1, 4, "adamw", 1e-3, "cosine", "none", "none", 0, 0.0, 0.0, False, 1,
        init=str(shape_bundle / "model.keras"),
    )  # fmt: skip
    begun = fit.make_model(plan, load_pictures(read_data([shape_data])[0][:4]))
    source = keras.models.load_model(shape_bundle / "model.keras", compile=False)
    first, theirs = (next(layer for layer in model.layers if layer.weights) for model in (begun, source))
    np.testing.assert_array_equal(first.get_weights()[0], theirs.get_weights()[0])


# --- refused ----------------------------------------------------------------------------------------------------


def test_a_worse_bundle_does_not_replace_a_better_one(
    shape_bundle: Path, shape_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(shape_bundle, tmp_path / "bundle")
    before = read_card(tmp_path / "bundle").version
    assert train_bundle(small(shape_data, learning_rate=0.0)) == 1
    assert "give --force" in capsys.readouterr().err
    assert read_card(tmp_path / "bundle").version == before
    assert train_bundle(small(shape_data, learning_rate=0.0, force=True)) == 0
    assert read_card(tmp_path / "bundle").version != before


def test_one_label_with_pictures_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = shapes.by_label(tmp_path / "one", labels=["circle"])
    assert train_bundle(small(data, val_signers="", labels="circle,square")) == 1
    assert "There are not two labels with pictures" in capsys.readouterr().err


def test_data_in_which_everything_is_broken_is_refused_without_a_traceback(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for label in ("circle", "square"):
        (tmp_path / "bad" / label).mkdir(parents=True)
        (tmp_path / "bad" / label / "x.jpg").write_bytes(b"not a picture")
    assert train_bundle(small(tmp_path / "bad", val_signers="")) == 1
    said = capsys.readouterr().err
    assert said.count("neither JPEG nor PNG") == 2
    assert "nothing can be told apart" in said


def test_corrupt_files_are_listed_and_the_rest_is_learnt(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = shapes.by_signer(tmp_path / "d", each=2)
    (data / "ada" / "circle" / "broken.jpg").write_bytes(b"\xff\xd8\xff")
    assert train_bundle(small(data)) == 0
    assert "broken.jpg: truncated" in capsys.readouterr().err
    assert read_card(Path("bundle")).raw["data"]["left_out"] == 1


def test_thirty_six_labels_keep_their_order(tmp_path: Path) -> None:
    labels = [*"0123456789", *"ABCDEFGHIJKLMNOPQRSTUVWXYZ"]
    data = shapes.by_signer(tmp_path / "d", each=1, labels=labels)
    assert train_bundle(small(data, labels=",".join(labels))) == 0
    assert list(read_card(Path("bundle")).labels) == labels


def test_labels_nobody_asked_for_are_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = shapes.by_signer(tmp_path / "d", each=2)
    assert train_bundle(small(data, labels="circle,square")) == 0
    assert "label 'cross': not among the labels (left out: 8)" in capsys.readouterr().err


def test_no_space_left_is_a_sentence(
    shape_data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(*args: object, **kwargs: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "runs/bundle/last.keras")

    monkeypatch.setattr(fit, "_save_last", full)
    assert train_bundle(small(shape_data)) == 1
    said = capsys.readouterr().err
    assert "Cannot write runs/bundle/last.keras: No space left on device" in said
    assert "--resume goes on" in said


def test_a_split_that_leaves_nobody_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = shapes.by_signer(tmp_path / "d", each=2, signers=["ada"])
    assert train_bundle(small(data, val_signers="")) == 1
    assert "leaves one side without pictures" in capsys.readouterr().err


def test_a_random_split_is_labelled_as_one(tmp_path: Path) -> None:
    data = shapes.by_signer(tmp_path / "d", each=4)
    assert train_bundle(small(data, split="random", val_signers="")) == 0
    assert read_card(Path("bundle")).raw["split"]["rule"].startswith("random")


def test_batches_are_the_same_again_from_the_same_seed(shape_data: Path) -> None:
    prepared = workflow.prepare_data(small(shape_data))
    plan = workflow.make_plan(small(shape_data), prepared)
    first, second = (fit.make_batches(plan, prepared.pictures, 32, epoch=4)[1] for _ in range(2))
    np.testing.assert_array_equal(first[0], second[0])
    other = fit.make_batches(plan, prepared.pictures, 32, epoch=5)[1]
    assert np.any(first[0] != other[0])


@pytest.mark.hands
def test_crops_of_whole_photographs_are_the_trackers_own(hands: Path) -> None:
    from training import data, pictures

    samples, _ = data.read_data([hands])
    tracked = [s for s in samples if s.set == "tracked" and s.landmarks is not None][::400]
    for sample in tracked:
        assert sample.landmarks is not None
        square = pictures.hand_square(sample.landmarks[:, :2] * 160)
        # Cut by this very geometry once; the tracker was run again on the crop.
        assert abs(square.side - 160) < 40


def test_time_left_and_the_best_epoch_are_told(shape_data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    start = time.monotonic()
    assert train_bundle(small(shape_data, epochs=2)) == 0
    out = capsys.readouterr().out
    assert "epoch 2/2" in out
    assert "min left" in out
    assert "best: epoch" in out
    assert "images/s" in out
    assert time.monotonic() - start < 60
