"""https for a class: a telephone gives its camera to no plain http page, and a school's network has no certificate for a laptop.

One port speaks both. What begins like TLS is TLS; anything else is plain http, and is answered with the page that leads to
https, because that is what a browser asks for first when a pupil types an address. The handshake is made in the connection's
own thread, so that a telephone that hesitates over the warning keeps nobody else waiting.
"""

import contextlib
import datetime
import ipaddress
import socket
import ssl
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from webapp.class_store import write_private

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

CERTIFICATE_FILE = "certificate.pem"
# Browsers refuse certificates that hold for more than 398 days, and some then offer no way on.
VALID_DAYS = 397
RENEW_DAYS = 7

# How long a connection may take to say its first byte, and then to shake hands.
HANDSHAKE_SECONDS = 15.0
TLS_HANDSHAKE_RECORD = b"\x16"

PLAIN_PAGE = "/secure"
WANTED = "handspell.wanted_path"
"""Where in the WSGI environment the page finds what was asked for."""


def context_from(certificate: Path, key: Path | None = None) -> ssl.SSLContext:
    """A server's context; without `key` the private key is in the certificate's own file. Raises OSError, ssl.SSLError."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificate, key)
    return context


def kept_certificate(folder: Path, hosts: Iterable[str]) -> Path:
    """The file with a certificate for `hosts` and its key: the kept one where it still fits, so that phones ask once, else a new one.

    Raises OSError.
    """
    path = folder / CERTIFICATE_FILE
    wanted = set(hosts)
    if not (wanted <= _hosts_of(path)):
        write_private(path, _made(wanted))
    return path


def _hosts_of(path: Path) -> set[str]:
    """The names and addresses that a kept certificate holds for; none where it is about to expire or is no certificate."""
    try:
        certificate = x509.load_pem_x509_certificate(path.read_bytes())
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (FileNotFoundError, ValueError, x509.ExtensionNotFound):
        return set()
    if certificate.not_valid_after_utc < _now() + datetime.timedelta(days=RENEW_DAYS):
        return set()
    return {*names.get_values_for_type(x509.DNSName), *map(str, names.get_values_for_type(x509.IPAddress))}


def _made(hosts: set[str]) -> str:
    """A private key and a certificate that it has signed itself, as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Handspell class")])
    usage = {name: False for name in ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement")}
    usage |= {name: False for name in ("key_cert_sign", "crl_sign", "encipher_only", "decipher_only")}
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(_now() - datetime.timedelta(days=1))  # a telephone's clock may be slow
        .not_valid_after(_now() + datetime.timedelta(days=VALID_DAYS - 1))
        .add_extension(x509.SubjectAlternativeName([_general_name(host) for host in sorted(hosts)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(digital_signature=True, **usage), critical=True)
        .add_extension(x509.ExtendedKeyUsage([x509.ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return (certificate.public_bytes(serialization.Encoding.PEM) + private).decode()


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


def secured(connection: socket.socket, context: ssl.SSLContext) -> socket.socket:
    """`connection` after its TLS handshake, or as it was where the other side speaks plain http.

    Raises OSError, of which ssl.SSLError is one, where it says nothing, goes, or will not have our certificate.
    """
    afterwards = connection.gettimeout()
    connection.settimeout(HANDSHAKE_SECONDS)
    if connection.recv(1, socket.MSG_PEEK) == TLS_HANDSHAKE_RECORD:
        connection = context.wrap_socket(connection, server_side=True)
    connection.settimeout(afterwards)
    return connection


def is_secured(connection: object) -> bool:
    return isinstance(connection, ssl.SSLSocket)


def close_quietly(connection: socket.socket) -> None:
    """Close a connection that may be gone already."""
    with contextlib.suppress(OSError):
        connection.close()


class SecureOnly:
    """Serves plain http to this machine alone, whose browsers trust it; others are led to https, whatever they ask for."""

    def __init__(self, app: "WSGIApplication") -> None:
        self._app = app

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Any:
        path = environ.get("PATH_INFO", "/")
        plain = environ["wsgi.url_scheme"] == "http" and not _is_here(environ.get("REMOTE_ADDR", ""))
        if plain and not path.startswith("/static/"):
            environ = {**environ, "PATH_INFO": PLAIN_PAGE, WANTED: path, "REQUEST_METHOD": "GET", "CONTENT_LENGTH": "0"}
        return self._app(environ, start_response)


def _is_here(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
