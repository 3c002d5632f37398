"""Command-line options that several tools share."""

from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path

DEFAULT_DATA = Path("../shared/data")


def add_data(own: ArgumentParser) -> None:
    """`--data`, repeatable; read it with `data_folders`."""
    own.add_argument(
        "--data",
        type=Path,
        action="append",
        metavar="DIR",
        help=f"folder of pictures, repeatable (default: {DEFAULT_DATA})",
    )


def data_folders(given: list[Path] | None) -> list[Path]:
    """The folders that `--data` named, or the default: a default of argparse's own would be added to, not replaced."""
    return given or [DEFAULT_DATA]


def add_labels(own: ArgumentParser) -> None:
    """`--labels`; read it with `data.label_list`."""
    own.add_argument("--labels", default="letters", help="letters, digits or a list such as A,B,C (default: letters)")


def add_model(own: ArgumentParser) -> None:
    """`--model`."""
    own.add_argument(
        "--model", type=Path, default=Path("models/letters"), metavar="DIR", help="the bundle (default: models/letters)"
    )


def positive(words: str) -> float:
    """A number above zero, for the `type` of an option."""
    try:
        number = float(words)
    except ValueError:
        number = float("nan")
    if not 0 < number < float("inf"):
        raise ArgumentTypeError(f"a number above zero is wanted, not {words!r}")
    return number


def count(words: str) -> int:
    """A whole number that is not negative, for the `type` of an option."""
    if not (words.isascii() and words.isdigit()):
        raise ArgumentTypeError(f"a whole number is wanted, not {words!r}")
    return int(words)


def new_file(words: str) -> Path:
    """A file to write in a folder that is there, for the `type` of an option: hours of work must not end in a refusal."""
    path = Path(words)
    if path.is_dir() or not path.parent.is_dir():
        raise ArgumentTypeError(f"{words!r} is no file in a folder that is there")
    return path


def new_figure(words: str) -> Path:
    """The same for a drawing, which must be PNG or SVG."""
    path = new_file(words)
    if path.suffix.lower() not in (".png", ".svg"):
        raise ArgumentTypeError(f"{words!r} must end in .png or .svg")
    return path
