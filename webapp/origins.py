"""Whose pages may talk to this server, by which scheme they reach it, and the secrets that they are given."""

from collections.abc import Collection
from typing import Any

from flask import request
from werkzeug.wrappers import Response


def scheme(environ: dict[str, Any]) -> str:
    """ "https" or "http" as the browser speaks it: where proxies stand in a row before us, to the first of them."""
    ours: str = environ["wsgi.url_scheme"]
    forwarded = str(environ.get("HTTP_X_FORWARDED_PROTO", "")).split(",")[0].strip().lower()
    return ours if ours == "https" else forwarded or ours


def admitted(others: Collection[str], origin: str | None, environ: dict[str, Any]) -> bool:
    """Whether a page from `origin` may connect: one of ours, as the proxy before us names it, or one of `others`."""
    schemes = {environ["wsgi.url_scheme"], scheme(environ)}
    hosts = {environ.get("HTTP_HOST", ""), environ.get("HTTP_X_FORWARDED_HOST", environ.get("HTTP_HOST", ""))}
    return origin in others or origin in {f"{one}://{host}" for one in schemes for host in hosts}


def same_origin(environ: dict[str, Any]) -> bool:
    """Whether a request comes from a page of ours, or from no page at all: no other site may change anything here."""
    site = environ.get("HTTP_SEC_FETCH_SITE")
    if site is not None:  # browsers set it themselves, pages cannot
        return bool(site in ("same-origin", "none"))
    origin = environ.get("HTTP_ORIGIN")
    return origin is None or admitted((), origin, environ)


def set_secret(response: Response, name: str, value: str, seconds: int, same_site: str) -> None:
    """Give the browser a cookie that no script can read, and that never goes over plain http where it came by https."""
    secure = scheme(request.environ) == "https"
    response.set_cookie(name, value, max_age=seconds, httponly=True, secure=secure, samesite=same_site)
