"""A bundle trained in the tests: shapes for hands, seconds for hours."""

from pathlib import Path

import pytest

from tests.training import shapes
from training.workflow import TrainOptions, train_bundle

SMALL = {
    "arch": "lenet",
    "labels": ",".join(shapes.SHAPES),
    "size": 32,
    "batch": 16,
    "no_report": True,
    "val_signers": "dee",
}


@pytest.fixture(scope="session")
def shape_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four signers' shapes, a folder per signer."""
    return shapes.by_signer(tmp_path_factory.mktemp("shapes"), each=12)


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Caches and runs go to a folder of the test's own."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="session")
def shape_bundle(tmp_path_factory: pytest.TempPathFactory, shape_data: Path) -> Path:
    """A `handspell` bundle that tells the shapes apart, with its report."""
    folder = tmp_path_factory.mktemp("trained")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        small = SMALL | {"arch": "handspell", "no_report": False}
        options = TrainOptions([shape_data], out=folder / "shapes", epochs=6, steps=20, ema=0.9, **small)
        assert train_bundle(options) == 0
    return folder / "shapes"
