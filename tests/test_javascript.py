"""The page's modules on their own: their tests run in Node, their types are checked."""

import shutil
import subprocess

import pytest

from tests.server import ROOT


@pytest.mark.parametrize("script", ["test", "types"])
def test_the_pages_modules_pass_their(script: str) -> None:
    if shutil.which("npm") is None:
        pytest.skip("no npm on this machine; install Node with npm to check the page's modules")
    if script == "types" and not (ROOT / "node_modules" / "typescript").is_dir():
        pytest.skip("no TypeScript in node_modules; `npm ci` installs it")
    ran = subprocess.run(["npm", "run", "--silent", script], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert ran.returncode == 0, ran.stdout + ran.stderr
