"""A real PostgreSQL server of the tests' own: in a temporary folder, reached through a socket, stopped at the end."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

# PostgreSQL refuses to run as root; Debian's package brings this user along.
UNPRIVILEGED = "postgres"


def find_programs() -> Path | None:
    """The folder that holds initdb and pg_ctl; Debian keeps them out of the path."""
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).resolve().parent  # a link may stand alone, without its neighbours
    folders = Path("/usr/lib/postgresql").glob("*/bin")
    return next((folder for folder in sorted(folders, reverse=True) if (folder / "initdb").is_file()), None)


class Postgres:
    """Starts when made; `stop` and `start` it as an administrator would."""

    def __init__(self, programs: Path) -> None:
        self._programs = programs
        self._folder = Path(tempfile.mkdtemp(prefix="handspell-pg-"))  # short: a socket's path may not be long
        self._databases = 0
        if os.geteuid() == 0:
            shutil.chown(self._folder, UNPRIVILEGED)
        self._run("initdb", "-D", self._data, "-U", "postgres", "-A", "trust", "--no-sync", "-E", "UTF8")
        self.start()

    @property
    def _data(self) -> str:
        return str(self._folder / "data")

    def start(self) -> None:
        log = str(self._folder / "log")
        # Nothing here outlives the tests, so nothing waits for the disk.
        options = f"-k {self._folder} -c listen_addresses='' -c fsync=off"
        self._run("pg_ctl", "-D", self._data, "-w", "-l", log, "-o", options, "start")

    def stop(self) -> None:
        """Throw out whoever is connected and stop."""
        self._run("pg_ctl", "-D", self._data, "-w", "-m", "fast", "stop")

    def new_database(self) -> str:
        """The URL of an empty database."""
        self._databases += 1
        name = f"test{self._databases}"
        self._run("createdb", "-h", str(self._folder), "-U", "postgres", name)
        return f"postgresql://postgres@/{name}?host={self._folder}"

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self._folder)

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._programs / program), *arguments]
        if os.geteuid() == 0:
            command = ["runuser", "-u", UNPRIVILEGED, "--", *command]
        # Not into a pipe: the server that pg_ctl starts would hold it open.
        with tempfile.TemporaryFile() as said:
            done = subprocess.run(command, cwd=self._folder, stdout=said, stderr=subprocess.STDOUT, timeout=120)
            said.seek(0)
            assert done.returncode == 0, f"{' '.join(command)}:\n{said.read().decode()}"
