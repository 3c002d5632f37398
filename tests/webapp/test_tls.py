"""https for a class: one port, a certificate made once, and a handshake that keeps nobody else waiting."""

import asyncio
import contextlib
import datetime
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from cryptography import x509

from benchmarks.cameras import Line
from tests.colours import colour_jpeg
from tests.server import ANY_CERTIFICATE, Server
from tests.webapp.test_main import run_and_fail
from webapp import network, tls


@pytest.fixture(params=["eventlet", "threading"])
def class_server(request: pytest.FixtureRequest, colour_models: Path, tmp_path: Path) -> Iterator[Server]:
    server = Server(
        HANDSPELL_CLASS_MODE="lan",
        HANDSPELL_CLASS_ADDRESS="127.0.0.1",
        HANDSPELL_ASYNC_MODE=request.param,
        HANDSPELL_MODELS=str(colour_models),
        HANDSPELL_DATA=str(tmp_path / "data"),
    )
    yield server
    server.stop()


def sign_read(server: Server, seconds: float = 20.0) -> str:
    """What a server reads in a crop of A.

    Asked without threads: those of tests/replay.py's client share one end of TLS, and now and then that loses a message.
    """

    async def ask() -> str:
        async with asyncio.timeout(seconds):
            line = await Line.open(server.url)
            told = '{"seq":1,"t":0,"jpeg":{"_placeholder":true,"num":0}}'
            answer = await line.call("frame", told, colour_jpeg("A"))
            await line.close()
            return str(answer["sign"])

    return asyncio.run(ask())


def test_a_certificate_is_kept_while_it_fits(tmp_path: Path) -> None:
    first = tls.kept_certificate(tmp_path, ["127.0.0.1", "laptop.local"]).read_bytes()
    assert tls.kept_certificate(tmp_path, ["laptop.local"]).read_bytes() == first
    assert tls.kept_certificate(tmp_path, ["10.0.0.7"]).read_bytes() != first


def test_a_certificate_is_one_that_browsers_let_people_accept(tmp_path: Path) -> None:
    made = x509.load_pem_x509_certificate(tls.kept_certificate(tmp_path, ["10.0.0.7", "laptop.local"]).read_bytes())
    names = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["laptop.local"]
    assert [str(address) for address in names.get_values_for_type(x509.IPAddress)] == ["10.0.0.7"]
    assert made.not_valid_after_utc - made.not_valid_before_utc <= datetime.timedelta(days=398)
    assert x509.ExtendedKeyUsageOID.SERVER_AUTH in made.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value


def test_a_certificate_about_to_expire_is_renewed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = tls.kept_certificate(tmp_path, ["10.0.0.7"]).read_bytes()
    later = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=tls.VALID_DAYS - 3)
    monkeypatch.setattr(tls, "_now", lambda: later)
    assert tls.kept_certificate(tmp_path, ["10.0.0.7"]).read_bytes() != first


def test_one_port_speaks_both_and_frames_are_answered_over_https(class_server: Server) -> None:
    assert class_server.url.startswith("https://127.0.0.1:")
    assert sign_read(class_server) == "A"
    plain = class_server.url.replace("https", "http")
    assert requests.get(f"{plain}/healthz", timeout=20).status_code == 200, "this machine itself may go without"


def test_other_machines_are_led_to_https_whatever_they_ask_for(class_server: Server) -> None:
    addresses = network.lan_addresses()
    if not addresses:
        pytest.skip("this machine has no address on a network, so nobody else can ask")
    plain = f"http://{addresses[0]}:{class_server.port}"
    for path in ("/", "/join/ACDEFG", "/healthz", "/teach"):
        page = requests.get(plain + path, timeout=20)
        assert "One step to the class" in page.text
        assert f'href="https://{addresses[0]}:{class_server.port}{path}"' in page.text
    assert "One step" in requests.post(f"{plain}/api/class/join", json={"code": "ACDEFG"}, timeout=20).text
    assert "One step" in requests.get(f"{plain}/socket.io/?EIO=4&transport=polling", timeout=20).text
    assert requests.get(f"{plain}/static/css/style.css", timeout=20).headers["Content-Type"].startswith("text/css")


def test_a_telephone_that_hesitates_keeps_nobody_waiting(class_server: Server) -> None:
    host, port = "127.0.0.1", int(class_server.port)
    silent = [socket.create_connection((host, port)) for _ in range(20)]
    half = [socket.create_connection((host, port)) for _ in range(20)]
    for connection in half:
        connection.sendall(b"\x16\x03\x01\x02\x00\x01")  # a TLS record begun, and no more
    try:
        # Far less than the hesitating ones are given: whoever waited for one of them would fail here.
        assert sign_read(class_server, tls.HANDSHAKE_SECONDS / 3) == "A"
    finally:
        for connection in silent + half:
            connection.close()


def test_a_refused_handshake_is_no_news(class_server: Server) -> None:
    strict = ssl.create_default_context()
    with (
        pytest.raises(ssl.SSLCertVerificationError),
        socket.create_connection(("127.0.0.1", int(class_server.port))) as raw,
    ):
        strict.wrap_socket(raw, server_hostname="127.0.0.1")
    with socket.create_connection(("127.0.0.1", int(class_server.port))) as raw:
        raw.sendall(b"\x16nonsense" * 100)
        with contextlib.suppress(ConnectionResetError):
            while raw.recv(4096):
                pass
    assert sign_read(class_server) == "A"
    assert class_server.stop() == 0
    assert "Traceback" not in class_server.output, class_server.output


def test_a_certificate_of_one_s_own_is_served(colour_models: Path, tmp_path: Path) -> None:
    own = tls.kept_certificate(tmp_path, ["school.example"])
    server = Server(HANDSPELL_MODELS=str(colour_models), HANDSPELL_TLS_CERT=str(own), HANDSPELL_TLS_KEY=str(own))
    try:
        host = urlsplit(server.url)
        with (
            socket.create_connection((str(host.hostname), int(host.port or 0))) as raw,
            ANY_CERTIFICATE.wrap_socket(raw) as connection,
        ):
            served = connection.getpeercert(binary_form=True)
        assert served == ssl.PEM_cert_to_DER_cert(own.read_text().split("-----BEGIN PRIVATE")[0])
    finally:
        server.stop()


def test_a_certificate_that_cannot_be_used_stops_the_start(colour_models: Path, tmp_path: Path) -> None:
    missing = str(tmp_path / "none.pem")
    said = run_and_fail(HANDSPELL_MODELS=str(colour_models), HANDSPELL_TLS_CERT=missing, HANDSPELL_TLS_KEY=missing)
    assert f"HANDSPELL_TLS_CERT {missing} and HANDSPELL_TLS_KEY {missing} cannot be used" in said
