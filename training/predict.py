"""Read pictures, folders and videos with a bundle, as the page reads the camera: the hand is looked for first.

    python training/predict.py --model models/letters FILE|FOLDER|VIDEO ...

For a picture: the sign, its probabilities and the hand that was found. For a folder: a table. For a video: a copy with
hand and sign drawn on every frame beside it (`NAME-read.mp4`), the letters with their times, and the text. In a
picture without a hand the box is read; in a video only where one is given.
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from training import options
from training.data import PICTURE_SUFFIXES
from training.prediction import Box, PredictionError, Reader, read_folder, read_picture, read_video
from webapp.core.bundle import BundleError
from webapp.core.protocol import PACES
from webapp.hand_models import HandModelError
from webapp.inference import Network
from webapp.tracker import HandTracker


def parser() -> argparse.ArgumentParser:
    """The command line."""
    own = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_model(own)
    own.add_argument("--no-track", action="store_true", help="do not look for the hand: read the box")
    own.add_argument("--left", action="store_true", help="all hands are left ones, whatever the tracker says")
    own.add_argument(
        "--box",
        type=box_of,
        metavar="X,Y,SIDE",
        help="the square to read where no hand is found, in pixels (default: the largest in the middle)",
    )
    own.add_argument("--pace", choices=PACES, default="normal", help="how long a sign is held (default: normal)")
    own.add_argument("--out", type=Path, metavar="DIR", help="where annotated videos go (default: beside the video)")
    own.add_argument("paths", type=Path, nargs="+", metavar="PATH", help="pictures, folders of them and videos")
    return own


def box_of(words: str) -> Box:
    """The box that `--box` names."""
    try:
        x, y, side = (int(word) for word in words.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f"three whole numbers X,Y,SIDE are wanted, not {words!r}") from None
    return x, y, side


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns the exit status."""
    given = parser().parse_args(arguments)
    try:
        tracker = None if given.no_track else HandTracker()
        reader = Reader(Network(given.model), tracker, given.box, given.left)
    except (BundleError, HandModelError) as error:
        print(error, file=sys.stderr)
        return 1
    failed = False
    for path in given.paths:
        try:
            print(_read(reader, path, given))
        except (PredictionError, OSError) as error:
            print(f"{path}: {error}", file=sys.stderr)
            failed = True
    return int(failed)


def _read(reader: Reader, path: Path, given: argparse.Namespace) -> str:
    if not path.exists():
        raise PredictionError("there is no such file or folder")
    if path.is_dir():
        return read_folder(reader, path)
    if path.suffix.lower() in PICTURE_SUFFIXES:
        return read_picture(reader, path)
    return read_video(reader, path, (given.out or path.parent) / f"{path.stem}-read.mp4", given.pace)


if __name__ == "__main__":
    sys.exit(main())
