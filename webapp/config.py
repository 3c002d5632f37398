"""One table of settings: name, default, unit, help. Environment variables lie over it, and a test's dict over those."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal, get_args

ROOT = Path(__file__).resolve().parent.parent

AsyncMode = Literal["eventlet", "threading"]
ClassMode = Literal["off", "lan", "proxy"]


TEACHER_KEY = re.compile(r"[A-Za-z0-9_-]{32,200}")  # it stands in an address
MAKE_KEY = "`python3 -c 'import secrets; print(secrets.token_urlsafe(32))'`"


class ConfigError(Exception):
    """A setting that cannot be used; the message names it and says what it may be."""


@dataclass(frozen=True)
class Setting:
    """One row of the table. The variable is the name itself for what hosting platforms set, else HANDSPELL_ and the name."""

    name: str
    default: Any
    unit: str
    help: str

    @property
    def variable(self) -> str:
        return self.name if self.name in ("HOST", "PORT") else f"HANDSPELL_{self.name}"


TABLE = (
    Setting("HOST", "127.0.0.1", "address", "Where the server listens; 0.0.0.0 lets other machines in."),
    Setting("PORT", 5000, "port", "The port it listens on; 0 takes a free one and prints it."),
    Setting("ASYNC_MODE", "eventlet", "eventlet or threading", "How the server waits for many sockets."),
    Setting("MODELS", str(ROOT / "models"), "folder", "Holds a folder for each model bundle, `letters` and `digits`."),
    Setting(
        "ALLOWED_ORIGINS", "", "origins, comma-separated", "Other sites whose pages may connect; empty: only our own."
    ),
    Setting("RESUME_SECONDS", 120.0, "seconds", "How long the text of a dropped connection waits for it to come back."),
    Setting("TEXT_LIMIT", 2000, "characters", "The longest text of one visitor."),
    Setting("MAX_BATCH", 1, "frames", "The most frames of different visitors that are read together."),
    Setting(
        "READERS",
        1,
        "processes",
        "The most processes that read beside the server once several frames wait; never more than there are cores for.",
    ),
    Setting("PREDICT_PICTURES", 20, "pictures", "The most pictures in one request to `/api/predict`."),
    Setting("PREDICT_BYTES", 20_000_000, "bytes", "The most bytes of such a request, all its pictures together."),
    Setting("PREDICT_PIXELS", 50_000_000, "pixels", "The largest picture, width × height."),
    Setting("PREDICT_REQUESTS", 16, "requests", "The most such requests under way; others are asked to come again."),
    Setting(
        "DATABASE_URL",
        "sqlite:///handspell.sqlite3",
        "database URL",
        "Where transcripts are kept for those who ask for it: an SQLite file (in HANDSPELL_DATA), or `postgresql://user:password@host/name`.",
    ),
    Setting("RETENTION_DAYS", 30, "days", "How long a transcript is kept after its last letter."),
    Setting("LESSON_DAYS", 180, "days", "How long a lesson that the teacher keeps is kept after its last letter."),
    Setting(
        "CLASS_MODE",
        "off",
        "off, lan or proxy",
        "Classes: `lan` serves the local network over https and opens a class at once, as `make class` does; "
        "with `proxy` a proxy before us speaks https.",
    ),
    Setting("CLASS_HOURS", 12.0, "hours", "How long a class and its code live."),
    Setting(
        "CLASS_ADDRESS", "", "name or address", "What pupils type to reach this machine, where its own guess is wrong."
    ),
    Setting(
        "DATA", str(ROOT / "data"), "folder", "Where the teacher's key, the certificate and open classes are kept."
    ),
    Setting(
        "REDIS_URL", "", "redis URL", "Several servers share their classes through this Redis, `redis://host:6379/0`."
    ),
    Setting(
        "TEACHER_KEY", "", "secret", "The teacher's key, instead of one made here; servers that share need the same."
    ),
    Setting("TLS_CERT", "", "PEM file", "A certificate of your own for https, with TLS_KEY, instead of one made here."),
    Setting("TLS_KEY", "", "PEM file", "Its private key."),
)


@dataclass(frozen=True)
class Settings:
    """The settings in force; each field is a row of TABLE in lower case."""

    host: str
    port: int
    async_mode: AsyncMode
    models: Path
    allowed_origins: tuple[str, ...]
    resume_seconds: float
    text_limit: int
    max_batch: int
    readers: int
    predict_pictures: int
    predict_bytes: int
    predict_pixels: int
    predict_requests: int
    database_url: str
    retention_days: int
    lesson_days: int
    class_mode: ClassMode
    class_hours: float
    class_address: str
    data: Path
    redis_url: str
    teacher_key: str
    tls_cert: str
    tls_key: str

    @property
    def reader_processes(self) -> int:
        """How many processes read beside this one, which has a core for itself."""
        # What a container or `taskset` leaves us, where the system can say it.
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        return min(self.readers, cores - 1)

    @property
    def makes_certificate(self) -> bool:
        """Whether https is served with a certificate that nobody vouches for, and browsers warn."""
        return self.class_mode == "lan" and not self.tls_cert


def load(environment: Mapping[str, str], overrides: Mapping[str, Any] | None = None) -> Settings:
    """Settings from the defaults, the environment over them, and `overrides` (by field name) over both.

    Raises ConfigError for a value that does not fit, and for an override that names no setting.
    """
    values: dict[str, Any] = {}
    for setting in TABLE:
        text = environment.get(setting.variable, "").strip()
        values[setting.name.lower()] = _convert(setting, text) if text else setting.default
    unknown = set(overrides or {}) - set(values)
    if unknown:
        raise ConfigError(f"There is no setting named {', '.join(sorted(unknown))}.")
    if values["class_mode"] == "lan" and not environment.get("HOST", "").strip():
        values["host"] = "0.0.0.0"  # a class that only this machine could reach would be none
    values.update(overrides or {})
    for name, choices in (("async_mode", get_args(AsyncMode)), ("class_mode", get_args(ClassMode))):
        if values[name] not in choices:
            wanted = ", ".join(choices[:-1]) + " or " + choices[-1]
            raise ConfigError(f"HANDSPELL_{name.upper()} is {values[name]!r}, and must be {wanted}.")
    if bool(values["tls_cert"]) != bool(values["tls_key"]):
        raise ConfigError("HANDSPELL_TLS_CERT and HANDSPELL_TLS_KEY belong together: set both, or neither.")
    if values["teacher_key"] and not TEACHER_KEY.fullmatch(values["teacher_key"]):
        raise ConfigError(f"HANDSPELL_TEACHER_KEY must be at least 32 letters, digits, - or _; {MAKE_KEY} makes one.")
    if values["redis_url"] and values["class_mode"] != "off" and not values["teacher_key"]:
        raise ConfigError(
            "With HANDSPELL_REDIS_URL every server must know the same teacher: set HANDSPELL_TEACHER_KEY "
            f"on all of them; {MAKE_KEY} makes one."
        )
    for name, least, most in (
        ("port", 0, 65535),
        ("text_limit", 1, 1_000_000),
        ("max_batch", 1, 64),
        ("readers", 0, 64),
        ("resume_seconds", 0, 86400),
        ("predict_pictures", 1, 1000),
        ("predict_bytes", 10_000, 1_000_000_000),
        ("predict_pixels", 10_000, 1_000_000_000),
        ("predict_requests", 1, 1000),
        ("retention_days", 1, 3650),
        ("lesson_days", 1, 3650),
        ("class_hours", 0.01, 24 * 366),
    ):
        if not least <= values[name] <= most:
            raise ConfigError(f"{name.upper()} is {values[name]}, and must lie between {least} and {most}.")
    for name in ("models", "data"):
        values[name] = Path(values[name])
    origins = values["allowed_origins"]
    if isinstance(origins, str):
        values["allowed_origins"] = tuple(origin.strip() for origin in origins.split(",") if origin.strip())
    return Settings(**{field.name: values[field.name] for field in fields(Settings)})


def _convert(setting: Setting, text: str) -> Any:
    try:
        return type(setting.default)(text)
    except ValueError:
        raise ConfigError(f"{setting.variable} is {text!r}, and must be a number ({setting.unit}).") from None
