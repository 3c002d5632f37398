"""python -m webapp: read the settings, serve until stopped."""

import logging
import os
import signal
import sys
import warnings
from typing import Any

from webapp.config import ConfigError, Settings, load


def main() -> int:
    """Serve; the exit status is 0 when stopped, 2 when the settings or a model cannot be used."""
    try:
        settings = load(os.environ)
    except ConfigError as error:
        print(f"handspell: {error}", file=sys.stderr)
        return 2
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    # It would tell of every step, and from a native thread, where the locks of logging may be green.
    logging.getLogger("alembic").setLevel(logging.WARNING)
    if settings.async_mode == "eventlet":
        # Before anything else is imported, so that every module gets the green parts. Eventlet announces at import
        # that it is in maintenance; HANDSPELL_ASYNC_MODE is our answer, and a warning at every start is none.
        warnings.filterwarnings("ignore", message="(?s).*Eventlet is deprecated")
        import eventlet

        eventlet.monkey_patch()

    from webapp.app import create_app
    from webapp.core.bundle import BundleError

    try:
        app, _ = create_app(settings)
    except (BundleError, ConfigError) as error:
        print(f"handspell: {error}", file=sys.stderr)
        return 2
    # A process manager stops us with SIGTERM: leave by the same door as Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        serve = _serve_eventlet if settings.async_mode == "eventlet" else _serve_threads
        serve(app, settings)
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
        for part in ("picture_reader", "recogniser", "keeper"):
            app.extensions["handspell"][part].stop()
    return 0


def _announce(host: str, port: int) -> None:
    print(f"Handspell is at http://{host}:{port} — press Ctrl-C to stop.", flush=True)


def _serve_eventlet(app: Any, settings: Settings) -> None:
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
    _announce(settings.host, listener.getsockname()[1])
    eventlet.wsgi.server(listener, app, log_output=False, debug=False)


def _serve_threads(app: Any, settings: Settings) -> None:
    from werkzeug.serving import WSGIRequestHandler, make_server

    class Handler(WSGIRequestHandler):
        disable_nagle_algorithm = True  # see _serve_eventlet

        def run_wsgi(self) -> None:
            super().run_wsgi()
            # What a closing WebSocket still says is no next request.
            if self.headers.get("Upgrade", "").lower() == "websocket":
                self.close_connection = True

        def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
            """Say nothing: neither mode logs who asked for what."""

    server = make_server(settings.host, settings.port, app, threaded=True, request_handler=Handler)
    _announce(settings.host, server.port)
    server.serve_forever()


if __name__ == "__main__":
    sys.exit(main())
