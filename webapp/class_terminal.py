"""What the terminal shows when a class begins: where pupils go, and the teacher's own address, which stands nowhere else."""

import io
from typing import Any

import segno

from webapp.classes import Classes
from webapp.config import Settings
from webapp.core.classroom import Class
from webapp.network import class_host, lan_addresses, way_in


def announce(parts: dict[str, Any], settings: Settings, port: int, scheme: str) -> None:
    """Print the address, the code of each open class and the teacher's address; in `lan` mode a class is opened where none is.

    A demo class is not counted: it is the teacher's alone.

    parts: app.extensions["handspell"]
    """
    classes, teacher = parts["classes"], parts["teacher"]
    if settings.class_mode == "lan" and not _lessons(classes):
        classes.open()
        classes.store.flush()
    here = f"http://127.0.0.1:{port}"  # this machine's own browser needs no certificate
    base = f"{scheme}://{class_host(settings.class_address)}:{port}" if settings.class_mode == "lan" else here
    lines = [f"Handspell is at {base} — press Ctrl-C to stop.", ""]
    for one in _lessons(classes):
        link = f"{way_in(base, settings.makes_certificate)}/join/{one.code}"
        if settings.class_mode == "lan":
            picture = io.StringIO()
            segno.make(link, error="l", micro=False).terminal(picture, border=1, compact=True)
            lines += [picture.getvalue()]
        lines += [f"  Class code   {one.code}", f"  Pupils open  {link}", ""]
    others = [address for address in lan_addresses() if address not in base]
    if settings.class_mode == "lan" and others and not settings.class_address:
        lines += [
            f"  If they do not reach it: this machine is also {', '.join(others)} (set HANDSPELL_CLASS_ADDRESS).",
            "",
        ]
    lines += [
        f"  Teacher      {here}/teach/enter/{teacher.key}",
        "  Keep that address to yourself: it opens the class.",
    ]
    print("\n".join(lines), flush=True)


def _lessons(classes: Classes) -> list[Class]:
    return [one for one in classes.all() if not one.demo]
