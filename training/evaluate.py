"""Measure a bundle on pictures of hands, through the serving path from JPEG bytes.

    python training/evaluate.py --model models/letters --data ../shared/data --split dev --exclude J,Z

Landmarks of a manifest are used where the network takes them, and with them left hands are told from right ones, as
live. The figures go to standard output as JSON, and in words to standard error.
"""

import argparse
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from training import options
from training.data import DataError
from training.evaluation import as_text, evaluate, note_confusions
from webapp.core.bundle import BundleError
from webapp.hand_models import HandModelError
from webapp.tracker import HandTracker


def parser() -> argparse.ArgumentParser:
    """The command line."""
    own = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_model(own)
    options.add_data(own)
    own.add_argument("--split", default="", help="only rows of a manifest with this split, such as dev")
    own.add_argument("--exclude", default="", metavar="A,B", help="labels to leave out, such as J,Z")
    own.add_argument(
        "--mirror-left",
        action="store_true",
        help="mirror the left hands that a manifest names also where they are read from the crop alone",
    )
    own.add_argument("--track", action="store_true", help="look for the hands that a manifest does not place")
    own.add_argument("--no-landmarks", action="store_true", help="read the crops alone, whatever the network takes")
    own.add_argument(
        "--json", type=options.new_file, metavar="FILE", help="write the JSON here and not to standard output"
    )
    own.add_argument(
        "--note-in",
        type=Path,
        action="append",
        default=[],
        metavar="DIR",
        help="write what the signs of these people are taken for into the card of this bundle, repeatable",
    )
    return own


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns the exit status."""
    given = parser().parse_args(arguments)
    exclude = [label for label in given.exclude.split(",") if label]
    try:
        tracker = HandTracker() if given.track else None
        folders = options.data_folders(given.data)
        result = evaluate(
            given.model, folders, given.split, exclude, given.mirror_left, not given.no_landmarks, tracker
        )
        for folder in given.note_in:
            note_confusions(folder, result)
    except (BundleError, DataError, HandModelError) as error:
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
