"""Settings: where they come from, what is refused, and that the README lists them all."""

import pytest

from tests.server import ROOT
from webapp.config import TABLE, ConfigError, load


def test_defaults() -> None:
    settings = load({})
    assert (settings.host, settings.port, settings.async_mode) == ("127.0.0.1", 5000, "eventlet")
    assert settings.models == ROOT / "models"
    assert settings.allowed_origins == ()


def test_the_environment_lies_over_the_defaults_and_overrides_over_both() -> None:
    environment = {
        "PORT": "8000",
        "HANDSPELL_ASYNC_MODE": "threading",
        "HANDSPELL_ALLOWED_ORIGINS": "https://a, https://b",
    }
    settings = load(environment, {"port": 9000})
    assert (settings.port, settings.async_mode) == (9000, "threading")
    assert settings.allowed_origins == ("https://a", "https://b")


def test_an_empty_variable_is_no_value() -> None:
    assert load({"PORT": " "}).port == 5000


@pytest.mark.parametrize(
    ("environment", "says"),
    [
        ({"PORT": "http"}, "PORT is 'http'"),
        ({"PORT": "70000"}, "between 0 and 65535"),
        ({"HANDSPELL_ASYNC_MODE": "gevent"}, "eventlet or threading"),
        ({"HANDSPELL_TEXT_LIMIT": "0"}, "TEXT_LIMIT is 0"),
        ({"HANDSPELL_RESUME_SECONDS": "soon"}, "must be a number"),
    ],
)
def test_a_bad_value_is_refused_with_its_name(environment: dict[str, str], says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        load(environment)


def test_an_unknown_override_is_refused() -> None:
    with pytest.raises(ConfigError, match="colour"):
        load({}, {"colour": "blue"})


def test_the_readme_lists_every_setting_with_its_default() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for setting in TABLE:
        row = next((line for line in readme.splitlines() if line.startswith(f"| `{setting.variable}` ")), None)
        assert row, f"README.md has no row for {setting.variable}"
        default = setting.name.lower() if setting.name in ("MODELS", "DATA") else str(setting.default)
        assert default in row, f"README.md gives another default for {setting.variable}"
