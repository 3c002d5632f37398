"""The pages, and the calls that are plain HTTP."""

from pathlib import Path

from flask import Blueprint, Response, abort, jsonify, render_template, request, send_file

from webapp import chart
from webapp.config import ROOT
from webapp.core import protocol
from webapp.hand_models import MODEL_NAMES, HandModelError, hand_model
from webapp.recogniser import Recogniser

_MODULES = ROOT / "node_modules"
_LITERT = _MODULES / "@litertjs" / "core"

# What the browser may load from node_modules, by the name that the page asks for.
VENDOR: dict[str, Path] = {
    "socket.io.esm.min.js": _MODULES / "socket.io-client" / "dist" / "socket.io.esm.min.js",
    "litert.js": _LITERT / "dist" / "index.js",
    "litert_wasm_utils.js": _MODULES / "@litertjs" / "wasm-utils" / "dist" / "index.js",
    # With and without relaxed SIMD; the library chooses by what the browser can.
    **{
        name: _LITERT / "wasm" / name
        for kind in ("", "compat_")
        for name in (f"litert_wasm_{kind}internal.js", f"litert_wasm_{kind}internal.wasm")
    },
}
_MIME_TYPES = {".js": "text/javascript", ".wasm": "application/wasm"}
HAND_MODELS = {f"{name}.tflite": name for name in MODEL_NAMES}

# LiteRT.js names its helper as a bundler would look it up. Import maps could say where that is, but not to a worker.
_BARE_IMPORT = '"@litertjs/wasm-utils"'
_SERVED_IMPORT = '"/vendor/litert_wasm_utils.js"'

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

    @views.get("/vendor/<name>")
    def vendor(name: str) -> Response:
        if name in HAND_MODELS:
            return _model(name)
        path = VENDOR.get(name)
        if path is None or not path.is_file():
            abort(404)
        if name == "litert.js":
            text = path.read_text("utf-8").replace(_BARE_IMPORT, _SERVED_IMPORT)
            return _revalidated(Response(text, mimetype="text/javascript"))
        return send_file(path, mimetype=_MIME_TYPES[path.suffix])

    @views.after_app_request
    def secure(response: Response) -> Response:
        for name, value in SECURITY_HEADERS.items():
            response.headers.setdefault(name, value)
        # Revalidated at every load: the page and its modules must never be of two versions.
        response.headers.setdefault("Cache-Control", "no-cache")
        return response

    return views


def _model(name: str) -> Response:
    try:
        data = hand_model(HAND_MODELS[name])
    except HandModelError:
        abort(404)  # the page then keeps to its guide box
    return _revalidated(Response(data, mimetype="application/octet-stream"))


def _revalidated(response: Response) -> Response:
    """Answers "not modified" where the browser has these very bytes already."""
    response.add_etag()
    response.make_conditional(request)
    return response
