"""Whose pages may talk to this server."""

from collections.abc import Collection
from typing import Any


def admitted(others: Collection[str], origin: str | None, environ: dict[str, Any]) -> bool:
    """Whether a page from `origin` may connect: one of ours, as the proxy before us names it, or one of `others`."""
    schemes = {environ["wsgi.url_scheme"], environ.get("HTTP_X_FORWARDED_PROTO", environ["wsgi.url_scheme"])}
    hosts = {environ.get("HTTP_HOST", ""), environ.get("HTTP_X_FORWARDED_HOST", environ.get("HTTP_HOST", ""))}
    return origin in others or origin in {f"{scheme}://{host}" for scheme in schemes for host in hosts}


def same_origin(environ: dict[str, Any]) -> bool:
    """Whether a request comes from a page of ours, or from no page at all: no other site may change anything here."""
    site = environ.get("HTTP_SEC_FETCH_SITE")
    if site is not None:  # browsers set it themselves, pages cannot
        return bool(site in ("same-origin", "none"))
    origin = environ.get("HTTP_ORIGIN")
    return origin is None or admitted((), origin, environ)
