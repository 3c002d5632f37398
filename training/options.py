"""Command-line options that several tools share."""

from argparse import ArgumentParser
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
