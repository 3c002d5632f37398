"""python -m webapp: read the settings, serve until stopped."""

import logging
import os
import signal
import ssl
import sys
import warnings
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

from webapp import listening
from webapp.config import ConfigError, Settings, load

# How long the thread that reads frames may have to wait for Python's lock after every piece of arithmetic, while the
# sockets are busy. Python's own 5 ms are longer than a frame's whole work.
SWITCH_SECONDS = 0.0005
_BEGUN_ANEW = "HANDSPELL_BEGUN_ANEW"  # in the environment of a server that has done so


def main() -> int:
    """Serve; the exit status is 0 when stopped, 2 when the settings or a model cannot be used."""
    try:
        settings = load(os.environ)
    except ConfigError as error:
        print(f"handspell: {error}", file=sys.stderr)
        return 2
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    # It would tell of every step.
    logging.getLogger("alembic").setLevel(logging.WARNING)
    if settings.async_mode == "eventlet":
        # Before anything else is imported, so that every module gets the green parts. Eventlet announces at import
        # that it is in maintenance; HANDSPELL_ASYNC_MODE is our answer, and a warning at every start is none.
        warnings.filterwarnings("ignore", message="(?s).*Eventlet is deprecated")
        import eventlet

        eventlet.monkey_patch()
        from webapp.concurrency import log_from_any_thread

        log_from_any_thread()
    else:
        _without_thread_caches()

    sys.setswitchinterval(SWITCH_SECONDS)
    listening.allow_many_files()
    from webapp.app import create_app
    from webapp.core.bundle import BundleError
    from webapp.core.classroom import ClassError

    try:
        app, _ = create_app(settings)
        context = _tls_context(settings)
    except (BundleError, ConfigError, OSError) as error:
        print(f"handspell: {error}", file=sys.stderr)
        return 2
    # A process manager stops us with SIGTERM: leave by the same door as Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        serve = _serve_eventlet if settings.async_mode == "eventlet" else _serve_threads
        serve(app, settings, context)
    except KeyboardInterrupt:
        pass
    except OSError as error:
        print(
            f"handspell: cannot listen on {settings.host}:{settings.port} ({error.strerror}). "
            "Stop the program that does, or set PORT to another number.",
            file=sys.stderr,
        )
        return 2
    finally:
        parts = app.extensions["handspell"]
        with ExitStack() as last:  # the last first, and all of them whatever one does
            if parts["classes"]:
                last.enter_context(suppress(ClassError))  # away: what waited was told of
                last.callback(parts["classes"].store.flush)
            for part in ("keeper", "recogniser", "picture_reader"):
                last.callback(parts[part].stop)
    return 0


def _without_thread_caches() -> None:
    """Let the C library give no thread a store of freed memory of its own; only a program that begins can be told so.

    A visitor has four threads here, and those of a hundred go on filling their stores for minutes.
    """
    tunables = os.environ.get("GLIBC_TUNABLES", "")
    # A Python with rights of its own has its tunables taken away at the start: it must not begin for ever.
    if (
        sys.platform != "linux"
        or not sys.executable
        or _BEGUN_ANEW in os.environ
        or "glibc.malloc.tcache_count" in tunables
    ):
        return
    os.environ |= {
        _BEGUN_ANEW: "1",
        "GLIBC_TUNABLES": ":".join(filter(None, (tunables, "glibc.malloc.tcache_count=0"))),
    }
    with suppress(OSError):  # it serves as it is, too
        os.execv(sys.executable, sys.orig_argv)


def _tls_context(settings: Settings) -> ssl.SSLContext | None:
    """What https is served with: the certificate that the settings name, or in a local class one made here; else None.

    Raises OSError for a certificate that cannot be used, with a sentence.
    """
    from webapp import network, tls

    if settings.tls_cert:
        try:
            return tls.context_from(Path(settings.tls_cert), Path(settings.tls_key))
        except OSError as error:
            message = f"HANDSPELL_TLS_CERT {settings.tls_cert} and HANDSPELL_TLS_KEY {settings.tls_key} cannot be used"
            raise OSError(f"{message}: {error}") from error
    if settings.class_mode != "lan":
        return None
    own = [settings.class_address] if settings.class_address else []
    hosts = ["127.0.0.1", "localhost", *network.names(), *network.lan_addresses(), *own]
    return tls.context_from(tls.kept_certificate(settings.data, hosts))


def _announce(app: Any, settings: Settings, port: int, context: ssl.SSLContext | None) -> None:
    scheme = "https" if context else "http"
    if settings.class_mode == "off":
        print(f"Handspell is at {scheme}://{settings.host}:{port} — press Ctrl-C to stop.", flush=True)
        return
    from webapp.class_terminal import announce

    announce(app.extensions["handspell"], settings, port, scheme)


def _serve_eventlet(app: Any, settings: Settings, context: ssl.SSLContext | None) -> None:
    import eventlet
    import eventlet.wsgi
    from eventlet import hubs
    from eventlet.green import socket

    from webapp import eventlet_websocket

    eventlet_websocket.mend()
    family, *_, address = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)[0]
    listener = eventlet.listen(address, family)
    # An acknowledgement is two small writes; with Nagle's algorithm the second waits 40 ms for the browser. Connections
    # inherit the option from the listening socket.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    serving = eventlet.getcurrent()

    def stop(*_: object) -> None:
        # A signal lands in whichever green thread is running, and an exception would end that one alone.
        hub = hubs.get_hub()
        if eventlet.getcurrent() in (hub.greenlet, serving):
            raise KeyboardInterrupt
        hub.schedule_call_global(0, serving.throw, KeyboardInterrupt)

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    _announce(app, settings, listener.getsockname()[1], context)
    protocol = _secured_protocol(eventlet.wsgi.HttpProtocol, context) if context else eventlet.wsgi.HttpProtocol
    eventlet.wsgi.server(
        listening.PatientListener(listener, eventlet.sleep),
        app,
        max_size=listening.MOST_FILES,
        socket_timeout=listening.IDLE_SECONDS,
        log_output=False,
        debug=False,
        protocol=protocol,
    )


def _secured_protocol(plain: Any, context: ssl.SSLContext) -> Any:
    """Eventlet's way to handle a connection, which shakes hands first: in the connection's own green thread."""
    from webapp import tls

    class Protocol(plain):
        def __init__(self, conn_state: list[Any], server: Any) -> None:
            try:
                conn_state[1] = tls.secured(conn_state[1], context)
            except OSError:
                tls.close_quietly(conn_state[1])
                return
            super().__init__(conn_state, server)

        def get_environ(self) -> dict[str, Any]:
            environ: dict[str, Any] = super().get_environ()
            environ["wsgi.url_scheme"] = "https" if tls.is_secured(self.connection) else "http"
            return environ

    return Protocol


def _serve_threads(app: Any, settings: Settings, context: ssl.SSLContext | None) -> None:
    from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

    from webapp import tls

    class SecuredServer(ThreadedWSGIServer):
        def finish_request(self, request: Any, client_address: Any) -> None:
            if context:
                try:
                    request = tls.secured(request, context)
                except OSError:
                    return tls.close_quietly(request)
            try:
                super().finish_request(request, client_address)
            finally:
                self.shutdown_request(request)  # the one that our caller knows is no longer open

    class Handler(WSGIRequestHandler):
        disable_nagle_algorithm = True  # see _serve_eventlet
        timeout = listening.IDLE_SECONDS

        def run_wsgi(self) -> None:
            super().run_wsgi()
            # What a closing WebSocket still says is no next request.
            if self.headers.get("Upgrade", "").lower() == "websocket":
                self.close_connection = True

        def make_environ(self) -> Any:
            environ = super().make_environ()
            environ["wsgi.url_scheme"] = "https" if tls.is_secured(self.connection) else "http"
            if not environ.get("CONTENT_LENGTH", "0").isdecimal():
                environ["CONTENT_LENGTH"] = "0"  # less than nothing would be read without an end
            return environ

        def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
            """Say nothing: neither mode logs who asked for what."""

        def log_error(self, format: str, *args: object) -> None:
            """Say nothing: a connection that is silent for too long is no error."""

    server = SecuredServer(settings.host, settings.port, app, Handler)
    _announce(app, settings, server.port, context)
    server.serve_forever()


if __name__ == "__main__":
    sys.exit(main())
