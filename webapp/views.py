"""The pages, and the calls that are plain HTTP."""

from flask import Blueprint, Response, jsonify, render_template

from webapp import chart
from webapp.core import protocol
from webapp.recogniser import Recogniser

SECURITY_HEADERS = {
    # Everything comes from this server, so a page of ours cannot send a picture anywhere else.
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; connect-src 'self'; "
        # WebAssembly is compiled, in a worker of ours, for the hand tracker; `eval` stays forbidden.
        "script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; "
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

    @views.get("/chart")
    def reference_chart() -> str:
        return render_template("chart.html", groups=chart.GROUPS, names=chart.NAMES, signs=chart.signs())

    @views.get("/practice")
    def practice() -> str:
        return render_template("practice.html", groups=chart.GROUPS, names=chart.NAMES, signs=chart.signs())

    @views.get("/pictures")
    def pictures() -> str:
        return render_template("pictures.html", models=sorted(recogniser.cards, reverse=True))  # letters first

    @views.get("/healthz")
    def healthz() -> tuple[Response, int]:
        if not recogniser.ready:
            return jsonify(status="starting"), 503
        models = {name: card.version for name, card in recogniser.cards.items()}
        return jsonify(status="ok", protocol=protocol.VERSION, models=models), 200

    @views.after_app_request
    def secure(response: Response) -> Response:
        for name, value in SECURITY_HEADERS.items():
            response.headers.setdefault(name, value)
        # Asked for anew at every load: a page names its files by their version.
        response.headers.setdefault("Cache-Control", "no-cache")
        return response

    return views
