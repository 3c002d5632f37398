"""Starting and stopping: quick, without TensorFlow, and with a sentence where it cannot be."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import requests

from tests.colours import colour_jpeg
from tests.replay import Client
from tests.server import ROOT, Server


def run_and_fail(**environment: str) -> str:
    """Start a server that is expected to refuse, and return what it says."""
    command = [sys.executable, "-m", "webapp"]
    run = subprocess.run(
        command, cwd=ROOT, env={**os.environ, "PORT": "0", **environment}, capture_output=True, text=True, timeout=60
    )
    assert run.returncode == 2, run.stderr
    assert "Traceback" not in run.stderr
    return run.stderr


def test_a_bad_setting_stops_the_start() -> None:
    assert "HANDSPELL_ASYNC_MODE is 'gevent'" in run_and_fail(HANDSPELL_ASYNC_MODE="gevent")


@pytest.mark.parametrize("url", ["nonsense", "mysql://root:secret@host/name", "sqlite://"])
def test_a_bad_database_url_stops_the_start_and_its_password_stays_secret(url: str, colour_models: Path) -> None:
    said = run_and_fail(HANDSPELL_MODELS=str(colour_models), HANDSPELL_DATABASE_URL=url)
    assert "HANDSPELL_DATABASE_URL" in said
    assert "sqlite:///folder/file.sqlite3" in said
    assert "secret" not in said


def test_a_bad_redis_url_stops_the_start_and_its_password_stays_secret(colour_models: Path, tmp_path: Path) -> None:
    said = run_and_fail(
        HANDSPELL_MODELS=str(colour_models),
        HANDSPELL_DATA=str(tmp_path),
        HANDSPELL_CLASS_MODE="proxy",
        HANDSPELL_TEACHER_KEY="k" * 43,
        HANDSPELL_REDIS_URL="http://:secret@host:6379/0",
    )
    assert "HANDSPELL_REDIS_URL must look like redis://host:6379/0" in said
    assert "secret" not in said


@pytest.mark.parametrize("mode", ["eventlet", "threading"])
def test_a_missing_model_stops_the_start(tmp_path: Path, mode: str) -> None:
    said = run_and_fail(HANDSPELL_MODELS=str(tmp_path), HANDSPELL_ASYNC_MODE=mode)
    assert f"handspell: {tmp_path}: there is no model bundle here." in said


def test_a_model_that_cannot_read_frames_together_stops_the_start_and_says_what_to_do(tmp_path: Path) -> None:
    make = "from pathlib import Path; from tests.colours import LETTERS, write_bundle; write_bundle(Path({!r}), LETTERS, alone=True)"
    folder = tmp_path / "models" / "letters"
    command = [sys.executable, "-c", make.format(str(folder))]
    made = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=240)
    assert made.returncode == 0, made.stderr
    said = run_and_fail(HANDSPELL_MODELS=str(folder.parent), HANDSPELL_MAX_BATCH="4")
    assert f"handspell: {folder}/model.tflite: the model cannot be run on 2 frames together" in said
    assert "HANDSPELL_MAX_BATCH=1 reads frames one by one." in said
    alone = Server(HANDSPELL_MODELS=str(folder.parent), HANDSPELL_MAX_BATCH="1")
    with Client(alone.url) as client:
        assert client.frame(colour_jpeg("A"))["top"][0][0] == "A"
    alone.stop()


def test_a_port_in_use_stops_the_start(colour_server: Server, colour_models: Path) -> None:
    said = run_and_fail(HANDSPELL_MODELS=str(colour_models), PORT=colour_server.port)
    assert f"cannot listen on 127.0.0.1:{colour_server.port}" in said


@pytest.mark.parametrize("mode", ["eventlet", "threading"])
def test_it_answers_soon_without_tensorflow_and_stops_when_told(colour_models: Path, mode: str) -> None:
    started = time.monotonic()
    server = Server(HANDSPELL_MODELS=str(colour_models), HANDSPELL_ASYNC_MODE=mode, PYTHONPROFILEIMPORTTIME="1")
    seconds = time.monotonic() - started
    try:
        with Client(server.url) as client:
            assert client.edit("space")["text"] == " "
    finally:
        status = server.stop()
    assert status == 0, server.output
    assert "Traceback" not in server.output, server.output
    assert "tensorflow" not in server.output.replace("TensorFlow Lite", "")
    # Far below what importing TensorFlow alone would take, far above what is measured: no timed test, a tripwire.
    assert seconds < 8


@pytest.mark.parametrize("mode", ["eventlet", "threading"])
@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "Ctrl-C"])
def test_it_stops_when_told_in_the_middle_of_work(colour_models: Path, mode: str, told: signal.Signals) -> None:
    server = Server(HANDSPELL_MODELS=str(colour_models), HANDSPELL_ASYNC_MODE=mode)
    clients = [Client(server.url) for _ in range(3)]
    sockets = [client.socket.eio.ws.sock for client in clients]  # the client forgets them when the server goes
    busy = threading.Event()

    def flood(client: Client) -> None:
        # The server goes away under the client, and that is no failure here.
        with contextlib.suppress(Exception):
            for seq in range(100_000):
                client.socket.emit("frame", {"seq": seq, "t": seq, "jpeg": colour_jpeg("A")})
                if seq == 50:
                    busy.set()

    threads = [threading.Thread(target=flood, args=(client,), daemon=True) for client in clients]
    for thread in threads:
        thread.start()
    assert busy.wait(20)
    assert server.stop(told) == 0, server.output
    for thread, socket in zip(threads, sockets, strict=True):
        thread.join(20)
        socket.close()


@pytest.mark.skipif(sys.platform != "linux", reason="another C library")
def test_under_threading_no_thread_keeps_freed_memory_to_itself(colour_models: Path) -> None:
    own = "glibc.malloc.arena_max=2"
    server = Server(HANDSPELL_MODELS=str(colour_models), HANDSPELL_ASYNC_MODE="threading", GLIBC_TUNABLES=own)
    told = Path(f"/proc/{server.process.pid}/environ").read_text()
    server.stop()
    assert f"GLIBC_TUNABLES={own}" in told
    assert "glibc.malloc.tcache_count=0" in told


@pytest.mark.skipif(sys.platform != "linux", reason="another C library")
def test_a_server_from_which_that_was_taken_away_serves_nevertheless(colour_models: Path) -> None:
    server = Server(HANDSPELL_MODELS=str(colour_models), HANDSPELL_ASYNC_MODE="threading", HANDSPELL_BEGUN_ANEW="1")
    told = Path(f"/proc/{server.process.pid}/environ").read_text()
    server.stop()
    assert "glibc.malloc" not in told


def test_healthz_names_the_models(colour_server: Server) -> None:
    answer = requests.get(f"{colour_server.url}/healthz", timeout=20)
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "protocol": 1, "models": {"letters": "colours", "digits": "colours"}}


def test_healthz_says_starting_before_frames_can_be_answered(colour_models: Path, tmp_path: Path) -> None:
    from webapp.app import create_app
    from webapp.config import load

    database = f"sqlite:///{tmp_path}/handspell.sqlite3"
    overrides = {"models": colour_models, "async_mode": "threading", "database_url": database}
    app, _ = create_app(load({}, overrides))
    app.extensions["handspell"]["recogniser"].stop()
    answer = app.test_client().get("/healthz")
    app.extensions["handspell"]["keeper"].stop()
    assert (answer.status_code, answer.json) == (503, {"status": "starting"})


def test_the_page_and_its_libraries_come_from_this_server(colour_server: Server) -> None:
    page = requests.get(colour_server.url, timeout=20)
    assert page.status_code == 200
    assert "default-src 'self'" in page.headers["Content-Security-Policy"]
    assert "camera=(self)" in page.headers["Permissions-Policy"]
    text = page.text.replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"//\w", text), "the page names another host"
    library = requests.get(f"{colour_server.url}/static/vendor/socket.io.esm.min.js", timeout=20)
    assert library.status_code == 200
    assert library.headers["Content-Type"].startswith("text/javascript")
    for hidden in ("/static/vendor/package.json", "/static/vendor/..%2f..%2fpackage.json", "/static/../webapp/app.py"):
        assert requests.get(colour_server.url + hidden, timeout=20).status_code == 404
