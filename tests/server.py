"""A real server in a process of its own, for tests and benchmarks."""

import os
import queue
import re
import shutil
import signal
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
import weakref
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# A class's certificate is made on the spot, and nobody vouches for it.
ANY_CERTIFICATE = ssl.create_default_context()
ANY_CERTIFICATE.check_hostname = False
ANY_CERTIFICATE.verify_mode = ssl.CERT_NONE


class Server:
    """`python -m webapp` on a free port; waits until it answers frames, and shows its output when it does not."""

    command = (sys.executable, "-m", "webapp")

    def __init__(self, deadline_seconds: float = 60.0, root: Path = ROOT, **environment: str) -> None:
        self._deadline_seconds = deadline_seconds
        self._root = root
        # What one server keeps is no other's concern, and nothing of it stays.
        folder = tempfile.mkdtemp(prefix="handspell-")
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        database = f"sqlite:///{folder}/handspell.sqlite3"
        self._environment = {"HANDSPELL_DATABASE_URL": database, **environment}
        self.lines: list[str] = []
        self._addresses: queue.SimpleQueue[str] = queue.SimpleQueue()
        self.url = ""
        self._start(environment.get("PORT", "0"))

    def _start(self, port: str) -> None:
        self.process = subprocess.Popen(
            self.command,
            cwd=self._root,
            env={**os.environ, "PYTHONUNBUFFERED": "1", **self._environment, "PORT": port},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, args=(self.process,), daemon=True)
        self._reader.start()
        try:
            self.url = self._addresses.get(timeout=self._deadline_seconds)
        except queue.Empty:
            self.stop()
            raise AssertionError(f"the server did not start:\n{self.output}") from None
        self._wait_until_ready()

    def _read(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        for line in process.stdout:
            self.lines.append(line)
            if found := re.search(r"Handspell is at (https?://\S+)", line):
                self._addresses.put(found[1])

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + self._deadline_seconds
        while time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(f"{self.url}/healthz", timeout=5, context=ANY_CERTIFICATE):
                    return
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                time.sleep(0.05)
        self.stop()
        raise AssertionError(f"the server was never ready:\n{self.output}")

    @property
    def output(self) -> str:
        return "".join(self.lines)

    @property
    def port(self) -> str:
        return self.url.rsplit(":", 1)[1]

    def kill(self) -> None:
        """End it at once, as a crash would."""
        self.process.kill()
        self._end()

    def restart(self) -> None:
        """Start again on the same port."""
        self._start(self.port)

    def stop(self, told: signal.Signals = signal.SIGTERM) -> int:
        """End it as a process manager would, or with Ctrl-C's signal, and return its exit status."""
        self.process.send_signal(told)
        return self._end()

    def _end(self) -> int:
        try:
            status = self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            status = self.process.wait()
        self._reader.join(timeout=5)
        if self.process.stdout:
            self.process.stdout.close()
        return status
