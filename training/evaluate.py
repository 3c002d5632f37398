"""Measure a bundle on pictures of hands, through the serving path from JPEG bytes.

    python training/evaluate.py --model models/letters --data ../shared/data --split dev --exclude J,Z

The figures go to standard output as JSON, and in words to standard error.
"""

import argparse
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from training.data import DataError
from training.evaluation import as_text, evaluate
from webapp.core.bundle import BundleError


def parser() -> argparse.ArgumentParser:
    """The command line."""
    own = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    own.add_argument(
        "--model", type=Path, default=Path("models/letters"), metavar="DIR", help="the bundle (default: models/letters)"
    )
    own.add_argument(
        "--data",
        type=Path,
        action="append",
        metavar="DIR",
        help="folder of pictures, repeatable (default: ../shared/data)",
    )
    own.add_argument("--split", default="", help="only rows of a manifest with this split, such as dev")
    own.add_argument("--exclude", default="", metavar="A,B", help="labels to leave out, such as J,Z")
    own.add_argument(
        "--mirror-left",
        action="store_true",
        help="mirror the left hands that a manifest names, as for people who said so",
    )
    own.add_argument("--json", type=Path, metavar="FILE", help="write the JSON here and not to standard output")
    return own


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns the exit status."""
    given = parser().parse_args(arguments)
    exclude = [label for label in given.exclude.split(",") if label]
    try:
        result = evaluate(given.model, given.data or [Path("../shared/data")], given.split, exclude, given.mirror_left)
    except (BundleError, DataError) as error:
        print(error, file=sys.stderr)
        return 1
    print(as_text(result), file=sys.stderr)
    text = json.dumps(result, indent=1)
    if given.json:
        given.json.write_text(text + "\n", encoding="utf-8")
    else:
        print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
