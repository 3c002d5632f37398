"""A real nginx with the configuration of deploy/, on free ports and with a certificate made on the spot."""

import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from tests.ports import free_port
from tests.server import ROOT
from webapp.tls import kept_certificate

PROGRAM = shutil.which("nginx")

AROUND = """
daemon off;
pid {folder}/pid;
error_log {folder}/error.log;
events {{}}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/handspell.conf;
}}
"""


class Nginx:
    """In front of servers at `ports`: `url` speaks https, `plain_url` the same without, for clients that know no certificate."""

    def __init__(self, ports: list[str]) -> None:
        assert PROGRAM
        self._folder = Path(tempfile.mkdtemp(prefix="handspell-nginx-"))
        self._folder.chmod(0o755)
        self.certificate = kept_certificate(self._folder, ["127.0.0.1"])
        secure, plain = free_port(), free_port()
        self.url, self.plain_url = f"https://127.0.0.1:{secure}", f"http://127.0.0.1:{plain}"
        config = (ROOT / "deploy" / "nginx.conf").read_text("utf-8")
        for was, now in (
            ("listen 443 ssl;", f"listen 127.0.0.1:{secure} ssl; listen 127.0.0.1:{plain};"),
            ("listen 80;", f"listen 127.0.0.1:{free_port()};"),
            ("127.0.0.1:5001", f"127.0.0.1:{ports[0]}"),
            ("127.0.0.1:5002", f"127.0.0.1:{ports[1]}"),
            ("/etc/letsencrypt/live/handspell.example.org/fullchain.pem", str(self.certificate)),
            ("/etc/letsencrypt/live/handspell.example.org/privkey.pem", str(self.certificate)),
            ("/var/cache/nginx/handspell", f"{self._folder}/cache"),
        ):
            assert config.count(was) == 1, f"deploy/nginx.conf no longer says {was!r} once"
            config = config.replace(was, now)
        (self._folder / "handspell.conf").write_text(config)
        main = self._folder / "nginx.conf"
        main.write_text(AROUND.format(folder=self._folder))
        command = [PROGRAM, "-c", str(main), "-p", str(self._folder), "-e", str(self._folder / "error.log")]
        checked = subprocess.run([*command, "-t"], capture_output=True, text=True, timeout=20)
        assert checked.returncode == 0, checked.stderr
        self._process = subprocess.Popen(command)
        deadline = time.monotonic() + 20
        while True:
            try:
                socket.create_connection(("127.0.0.1", plain), timeout=1).close()
                return
            except OSError:
                assert time.monotonic() < deadline, (self._folder / "error.log").read_text()
                time.sleep(0.05)

    def remove(self) -> None:
        self._process.terminate()
        self._process.wait(timeout=20)
        shutil.rmtree(self._folder)
