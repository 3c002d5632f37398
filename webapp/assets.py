"""The page's files: what lies in static/ and what it takes from node_modules, as they were when the server started.

    python -m webapp.assets

compresses them, once and as far as it goes: a minute of work that set-up does, so that no lesson pays for it. Every address
that a page names carries the version of all files together (/static/v…/js/main.js) and so is kept by browsers for good;
as modules name each other by relative addresses, a page and its modules are never of two versions.
"""

import contextlib
import hashlib
import mimetypes
import os
import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property, partial
from pathlib import Path

from flask import Flask, Response, abort, request

from webapp.config import ROOT
from webapp.hand_models import MODEL_NAMES, HandModelError, hand_model

STATIC = ROOT / "static"
# Compressed files, named by what they hold: one that has changed is another, and is sent as it is until it is compressed.
PACKED = ROOT / ".handspell-packed"

_MODULES = ROOT / "node_modules"
_LITERT = _MODULES / "@litertjs" / "core"

# What the browser may load from node_modules, by the name that the page asks for.
VENDOR: dict[str, Path] = {
    "socket.io.esm.min.js": _MODULES / "socket.io-client" / "dist" / "socket.io.esm.min.js",
    "litert.js": _LITERT / "dist" / "index.js",
    "litert_wasm_utils.js": _MODULES / "@litertjs" / "wasm-utils" / "dist" / "index.js",
    # With and without relaxed SIMD; the library chooses by what the browser can, and loads one of the two.
    **{
        name: _LITERT / "wasm" / name
        for kind in ("", "compat_")
        for name in (f"litert_wasm_{kind}internal.js", f"litert_wasm_{kind}internal.wasm")
    },
}
HAND_MODELS = {f"{name}.tflite": name for name in MODEL_NAMES}

# LiteRT.js names its helper as a bundler would look it up. Import maps could say where that is, but not to a worker.
_BARE_IMPORT, _SERVED_IMPORT = b'"@litertjs/wasm-utils"', b'"./litert_wasm_utils.js"'

_MIME_TYPES = {".js": "text/javascript", ".wasm": "application/wasm", ".tflite": "application/octet-stream"}
# By their file's ending, the better first.
ENCODINGS = {".br": "br", ".gz": "gzip"}
_VERSION = re.compile(r"(v[0-9a-f]{12})/(.+)")
# Sent in pieces: of a whole, eventlet copies all that is left each time the network has taken some.
_PIECE_BYTES = 1 << 16
_YEAR_SECONDS = 365 * 86400


class Asset:
    """One file as it is sent."""

    def __init__(self, name: str, read: Callable[[], bytes], packed: Path) -> None:
        data = read()
        self.name = name
        self.length = len(data)
        self.digest = hashlib.sha256(data).hexdigest()
        self._read = read
        self._packed = packed

    @property
    def data(self) -> bytes:
        """What is in it; not held here, since hardly anybody asks for the large ones as they are."""
        return self._read()

    @property
    def mime_type(self) -> str:
        suffix = Path(self.name).suffix
        return _MIME_TYPES.get(suffix) or mimetypes.types_map.get(suffix, "application/octet-stream")

    def packed(self, suffix: str) -> Path:
        """Where the compressed file is, if it has been made."""
        return self._packed / f"{self.digest}{suffix}"

    @cached_property
    def encoded(self) -> dict[str, bytes]:
        """By content encoding, the better first, what it is compressed to; without those that save nothing."""
        found = {encoding: _read(self.packed(suffix)) for suffix, encoding in ENCODINGS.items()}
        return {encoding: data for encoding, data in found.items() if data and len(data) < self.length}


class Assets(Mapping[str, Asset]):
    """All files by their names, as they are now; a change is seen by the next start."""

    def __init__(self, static: Path = STATIC, packed: Path = PACKED) -> None:
        self._assets = {name: Asset(name, read, packed) for name, read in sorted(_sources(static).items())}
        every = "".join(f"{asset.name} {asset.digest}\n" for asset in self._assets.values())
        self.version = f"v{hashlib.sha256(every.encode()).hexdigest()[:12]}"

    def __getitem__(self, name: str) -> Asset:
        return self._assets[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._assets)

    def __len__(self) -> int:
        return len(self._assets)

    def pack(self) -> None:
        """Compress what is not compressed yet, and delete what no file's is any more."""
        wanted = {asset.packed(suffix): asset for asset in self.values() for suffix in ENCODINGS}
        folder = next(iter(wanted)).parent
        folder.mkdir(exist_ok=True)
        for path in set(folder.iterdir()) - set(wanted):
            path.unlink()
        missing = {path: asset for path, asset in wanted.items() if not path.is_file()}
        if sum(asset.length for asset in missing.values()) > 1_000_000:
            print("Compressing what the page loads; this takes about a minute, once.", flush=True)
        with ThreadPoolExecutor(os.cpu_count()) as threads:
            list(threads.map(lambda path: _write(path, _compressed(missing[path].data, path.suffix)), missing))


def serve(app: Flask, assets: Assets) -> None:
    """Add the files to an application, in the place of Flask's own static folder."""

    @app.url_defaults
    def carry_version(endpoint: str, values: dict[str, str]) -> None:
        if endpoint == "static":
            values["filename"] = f"{assets.version}/{values['filename']}"

    @app.get("/static/<path:filename>", endpoint="static")
    def static(filename: str) -> Response:
        version, name = found.groups() if (found := _VERSION.fullmatch(filename)) else ("", filename)
        if name not in assets:
            abort(404)
        response = _response(assets[name])
        if version == assets.version:
            response.cache_control.public = True
            response.cache_control.max_age = _YEAR_SECONDS
            response.cache_control.immutable = True
        else:
            # No version, or that of a page from before an update: to be asked for anew.
            response.cache_control.no_cache = True
        return response


def _response(asset: Asset) -> Response:
    encoding = next((name for name in asset.encoded if request.accept_encodings[name]), None)
    data = asset.encoded[encoding] if encoding else asset.data
    pieces = (data[start : start + _PIECE_BYTES] for start in range(0, len(data), _PIECE_BYTES))
    response = Response(pieces, mimetype=asset.mime_type)
    response.content_length = len(data)
    response.vary.add("Accept-Encoding")
    response.set_etag(f"{asset.digest[:20]}-{encoding}" if encoding else asset.digest[:20])
    if encoding:
        response.content_encoding = encoding
        # For whoever shows how much has come: what arrives in a browser's hands is unpacked already.
        response.headers["X-Unpacked-Length"] = str(asset.length)
    response.make_conditional(request)
    return response


def _sources(static: Path) -> dict[str, Callable[[], bytes]]:
    """How each file is read, by its name. Our own are held, so that nobody gets half of a change."""
    own = {path.relative_to(static).as_posix(): path.read_bytes() for path in static.rglob("*") if path.is_file()}
    sources: dict[str, Callable[[], bytes]] = {name: partial(bytes, data) for name, data in own.items()}
    sources |= {f"vendor/{name}": partial(_vendor, name) for name, path in VENDOR.items() if path.is_file()}
    for name, model in HAND_MODELS.items():
        with contextlib.suppress(HandModelError):  # the page then keeps to its guide box
            hand_model(model)
            sources[f"vendor/{name}"] = partial(hand_model, model)
    return sources


def _vendor(name: str) -> bytes:
    data = VENDOR[name].read_bytes()
    return data.replace(_BARE_IMPORT, _SERVED_IMPORT) if name == "litert.js" else data


def _compressed(data: bytes, suffix: str) -> bytes:
    if suffix == ".br":
        import brotli  # here alone: a server that only serves does without

        return bytes(brotli.compress(data, lgwin=24))  # the window holds the largest file
    gzip = zlib.compressobj(9, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    return gzip.compress(data) + gzip.flush()


def _read(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def _write(path: Path, data: bytes) -> None:
    """All of it or nothing, also where two do so at once."""
    unfinished = path.with_name(f"{path.name}.{os.getpid()}")
    unfinished.write_bytes(data)
    unfinished.replace(path)


if __name__ == "__main__":
    Assets().pack()
