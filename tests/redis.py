"""A real Redis server of the tests' own, on a free port, with its append-only file in a temporary folder."""

import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis

from tests.ports import free_port

PROGRAM = shutil.which("redis-server")


class Redis:
    """Starts when made; `stop` and `start` it as an administrator would."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="handspell-redis-"))
        self._port = free_port()
        self.url = f"redis://127.0.0.1:{self._port}/0"
        self.start()

    def start(self) -> None:
        assert PROGRAM
        options = {"port": self._port, "bind": "127.0.0.1", "dir": self._folder, "appendonly": "yes", "save": ""}
        command = [PROGRAM, *(part for name, value in options.items() for part in (f"--{name}", str(value)))]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 20
        while True:
            try:
                with redis.Redis.from_url(self.url) as client:
                    client.ping()
                return
            except redis.RedisError:
                assert time.monotonic() < deadline, "Redis did not start"
                time.sleep(0.05)

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(timeout=20)

    @contextmanager
    def deaf(self) -> Iterator[None]:
        """Nobody hears what is published meanwhile; all else is answered."""
        with redis.Redis.from_url(self.url) as client:
            client.execute_command("ACL", "SETUSER", "default", "-subscribe")
            client.execute_command("CLIENT", "KILL", "TYPE", "pubsub")
            assert client.client_list("pubsub") == []
            try:
                yield
            finally:
                client.execute_command("ACL", "SETUSER", "default", "+subscribe")

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self._folder)
