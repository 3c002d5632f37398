"""What deploy/ has, run for real: one class on two servers behind nginx, one of which is killed."""

import asyncio
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
import requests
import socketio

from benchmarks.cameras import Line
from tests import nginx
from tests import redis as real_redis
from tests.nginx import Nginx
from tests.redis import Redis
from tests.replay import Client
from tests.server import ROOT
from tests.webapp.test_classes import Lesson
from tests.webapp.test_several_servers import shown, start_pair
from tests.webapp.test_sockets import spelled

needs_servers = pytest.mark.skipif(
    nginx.PROGRAM is None or real_redis.PROGRAM is None,
    reason="needs nginx and redis-server (apt-get install nginx redis-server)",
)

# Pages are back within a few seconds; a busy machine may take longer.
BACK_SECONDS = 30.0


class Site:
    """Two servers and the nginx before them; to a lesson it is one server."""

    def __init__(self, models: Path, folder: Path) -> None:
        self.redis = Redis()
        self.servers = start_pair("eventlet", self.redis, models, folder)
        self.nginx = Nginx([server.port for server in self.servers])
        self.url = self.nginx.plain_url

    @property
    def output(self) -> str:
        return self.servers[0].output

    def seats(self, code: str) -> dict[str, str]:
        """The server that each pupil of a class sits on, by the pupil's id."""
        return {pupil_id: seat.split()[0] for pupil_id, seat in self.kept("seat", code).items()}

    def kept(self, kind: str, code: str) -> dict[str, str]:
        """What Redis holds of one kind for each pupil of a class, by the pupil's id."""
        with redis.Redis.from_url(self.redis.url, decode_responses=True) as client:
            fields = client.hgetall(f"handspell:class:{code}")
        return {name.split(":")[1]: value for name, value in fields.items() if name.startswith(f"{kind}:")}

    def stop(self) -> None:
        self.nginx.remove()
        for server in self.servers:
            if server.process.poll() is None:
                server.stop()
        self.redis.remove()


@pytest.fixture(scope="module")
def site(colour_models: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    made = Site(colour_models, tmp_path_factory.mktemp("data"))
    yield made
    made.stop()


def come_back(url: str, cookie: str) -> Client:
    """Connect as the page does, again and again."""
    deadline = time.monotonic() + BACK_SECONDS
    while True:
        try:
            return Client(url, cookie=cookie, timeout_seconds=BACK_SECONDS)
        except socketio.exceptions.ConnectionError:
            assert time.monotonic() < deadline, "a pupil was lost"
            time.sleep(0.5)


@needs_servers
def test_pages_and_frames_pass_over_https(site: Site) -> None:
    lesson = Lesson(site)
    certificate = str(site.nginx.certificate)
    joined = requests.post(
        f"{site.nginx.url}/api/class/join",
        json={"code": lesson.code, "name": "Mia"},
        verify=certificate,
        timeout=20,
    )
    assert "; Secure" in joined.headers["Set-Cookie"]
    cookie = f"handspell_pupil={joined.cookies['handspell_pupil']}"
    assert "Mia" in requests.get(site.nginx.url, headers={"Cookie": cookie}, verify=certificate, timeout=20).text

    # Asked without threads: those of tests/replay.py's client share one end of TLS, and now and then that loses a message.
    async def spell() -> str:
        async with asyncio.timeout(60):
            line = await Line.open(site.nginx.url, pupil=cookie)
            for number, jpeg in enumerate(spelled("HI"), start=1):
                frame = f'{{"seq":{number},"t":{100 * number},"jpeg":{{"_placeholder":true,"num":0}}}}'
                answer = await line.call("frame", frame, jpeg)
            await line.close()
            return str(answer["text"])

    assert asyncio.run(spell()) == "HI"


@needs_servers
def test_the_page_s_files_are_sent_compressed_and_kept_by_nginx(packed: None, site: Site) -> None:
    version = re.search(r"/static/v\w+/", requests.get(site.url, timeout=20).text)
    assert version
    url = f"{site.url}{version[0]}vendor/litert.js"
    replies = [requests.get(url, headers={"Accept-Encoding": encoding}, timeout=20) for encoding in ("br", "gzip")]
    assert [reply.headers["Content-Encoding"] for reply in replies] == ["br", "gzip"]
    assert "immutable" in replies[0].headers["Cache-Control"]
    for server in site.servers:
        server.kill()
    again = requests.get(url, headers={"Accept-Encoding": "br"}, timeout=20)
    for server in site.servers:
        server.restart()
    assert (again.status_code, again.text) == (200, replies[0].text)


@needs_servers
def test_long_polling_stays_on_one_server(site: Site) -> None:
    lesson = Lesson(site)
    for number in range(4):
        browser = requests.Session()  # sends the cookie with every request
        browser.headers["Cookie"] = lesson.cookie(f"Pupil {number}")
        client = socketio.Client(reconnection=False, http_session=browser)
        hellos: list[dict[str, str]] = []
        client.on("hello", hellos.append)
        client.connect(site.url, auth={"class": True}, transports=["polling"], wait_timeout=20)
        for _ in range(3):
            answer = client.call("edit", {"op": "space"}, timeout=20)
        assert answer["text"] == "   "
        client.disconnect()


@needs_servers
def test_who_guesses_codes_is_known_by_the_address_that_nginx_saw(site: Site) -> None:
    statuses = [
        requests.post(
            f"{site.url}/api/class/join",
            json={"code": "AAAAAA", "name": "Eve"},
            headers={"X-Forwarded-For": f"203.0.113.{number}"},
            timeout=20,
        ).status_code
        for number in range(25)
    ]
    assert 429 in statuses
    for server in site.servers:  # so that the others find an open door
        server.kill()
        server.restart()


@needs_servers
def test_a_server_is_killed_and_nobody_is_lost(site: Site) -> None:
    lesson = Lesson(site)
    pupils: dict[str, tuple[str, Client]] = {}
    while len(set(site.seats(lesson.code).values())) < 2 or len(pupils) < 4:
        name = f"Pupil {len(pupils)}"
        assert len(pupils) < 40, "all of them sit on one server"
        cookie = lesson.cookie(name)
        pupils[name] = cookie, Client(site.url, cookie=cookie)
        pupils[name][1].play(spelled("HI"))
    pupil_ids = {name: cookie.split(".")[1] for name, (cookie, _) in pupils.items()}
    written = dict.fromkeys(pupil_ids.values(), "HI")
    deadline = time.monotonic() + BACK_SECONDS
    while site.kept("text", lesson.code) != written or site.seats(lesson.code).keys() != written.keys():
        assert time.monotonic() < deadline, "what was written is not where it is safe"
        time.sleep(0.05)
    seats = site.seats(lesson.code)
    server_of = {name: seats[pupil_id] for name, pupil_id in pupil_ids.items()}
    site.servers[1].kill()
    lost: list[str] = []
    deadline = time.monotonic() + BACK_SECONDS
    while not lost or any(pupils[name][1].socket.connected for name in lost):
        assert time.monotonic() < deadline, "somebody has not noticed"
        time.sleep(0.05)  # they notice one after the other
        dead = {server_of[name] for name, (_, client) in pupils.items() if not client.socket.connected}
        lost = [name for name in pupils if server_of[name] in dead]
    back = {name: come_back(site.url, pupils[name][0]) for name in lost}
    assert {client.hello["text"] for client in back.values()} == {"HI"}
    with lesson.board() as board:  # the teacher's page comes back, too
        board.wait(lambda now: all(shown(now, name)["connected"] for name in pupils))
        for name in lost:
            assert back[name].play(spelled("A"))[-1]["text"] == "HIA"
        board.wait(lambda now: all(shown(now, name)["text"] == "HIA" for name in lost))
    for client in [*back.values(), *(client for _, client in pupils.values())]:
        client.close()
    site.servers[1].restart()


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze (apt-get install systemd)")
def test_the_service_unit_is_one(tmp_path: Path) -> None:
    unit = tmp_path / "handspell.service"
    text = (ROOT / "deploy" / "handspell.service").read_text("utf-8")
    program = "/opt/handspell/.venv/bin/python"
    assert text.count(program) == 1
    unit.write_text(text.replace(program, shutil.which("true") or "/bin/true"))
    checked = subprocess.run(["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, timeout=60)
    assert (checked.returncode, checked.stderr) == (0, "")
