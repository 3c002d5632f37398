"""What every test may use: a server that reads colours, the served models, and real hands where they are present."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.postgres import Postgres, find_programs
from tests.server import ROOT, Server
from webapp.assets import Assets

HANDS = ROOT.parent / "shared" / "data"


@pytest.fixture(scope="session")
def colour_models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the two colour-reading bundles of tests/colours.py."""
    folder = tmp_path_factory.mktemp("models")
    command = [sys.executable, "-m", "tests.colours", str(folder)]
    made = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=240)
    assert made.returncode == 0, made.stderr
    return folder


@pytest.fixture(scope="session", params=["eventlet", "threading"])
def colour_server(request: pytest.FixtureRequest, colour_models: Path) -> Iterator[Server]:
    """A server on the colour-reading models, in each async mode."""
    server = Server(HANDSPELL_ASYNC_MODE=request.param, HANDSPELL_MODELS=str(colour_models))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def packed() -> None:
    """What the page loads has been compressed, as set-up does it; a minute where it has not been yet."""
    Assets().pack()


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A server on the models that the repository carries, as a user starts it."""
    running = Server()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A running PostgreSQL; skips the test where there is none on this machine."""
    programs = find_programs()
    if programs is None:
        pytest.skip("no PostgreSQL, so nothing was kept in one: install it (Debian: apt-get install postgresql)")
    running = Postgres(programs)
    yield running
    running.remove()


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/kept/handspell.sqlite3"
    server: Postgres = request.getfixturevalue("postgres")
    return server.new_database()


@pytest.fixture(scope="session")
def hands() -> Path:
    """The folder with photographs of real hands; skips the test where it is absent."""
    if not (HANDS / "manifest.csv").is_file():
        pytest.skip(f"no photographs of real hands: {HANDS} is absent, so nothing was read from real hands")
    return HANDS
