"""The pages, and the calls that are plain HTTP."""

from flask import Blueprint, Response, abort, jsonify, render_template, send_from_directory

from webapp.config import ROOT
from webapp.core import protocol
from webapp.recogniser import Recogniser

# What the browser may load from node_modules, by the name that the page asks for.
VENDOR = {"socket.io.esm.min.js": ROOT / "node_modules" / "socket.io-client" / "dist"}

SECURITY_HEADERS = {
    # Everything comes from this server, so a page of ours cannot send a picture anywhere else.
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; connect-src 'self' ws: wss:; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def blueprint(recogniser: Recogniser) -> Blueprint:
    """The routes, answering from `recogniser`."""
    views = Blueprint("views", __name__)

    @views.get("/")
    def index() -> str:
        return render_template("index.html")

    @views.get("/healthz")
    def healthz() -> tuple[Response, int]:
        if not recogniser.ready:
            return jsonify(status="starting"), 503
        models = {name: card.version for name, card in recogniser.cards.items()}
        return jsonify(status="ok", protocol=protocol.VERSION, models=models), 200

    @views.get("/vendor/<name>")
    def vendor(name: str) -> Response:
        if name not in VENDOR:
            abort(404)
        return send_from_directory(VENDOR[name], name, mimetype="text/javascript")

    @views.after_app_request
    def secure(response: Response) -> Response:
        for name, value in SECURITY_HEADERS.items():
            response.headers.setdefault(name, value)
        # Revalidated at every load: the page and its modules must never be of two versions.
        response.headers.setdefault("Cache-Control", "no-cache")
        return response

    return views
