"""Read pictures, folders and videos with a bundle.

    python training/predict.py --model models/letters FILE|FOLDER|VIDEO ...

For a picture: the sign and its probabilities. For a folder: a table. For a video: a copy with the sign drawn on every
frame beside it (`NAME-read.mp4`), the letters with their times, and the text.
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from training.data import PICTURE_SUFFIXES
from training.prediction import PredictionError, read_folder, read_picture, read_video
from webapp.core.bundle import BundleError
from webapp.recogniser import Network


def parser() -> argparse.ArgumentParser:
    """The command line."""
    own = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    own.add_argument(
        "--model", type=Path, default=Path("models/letters"), metavar="DIR", help="the bundle (default: models/letters)"
    )
    own.add_argument("--left", action="store_true", help="the hand is a left one: mirror every picture")
    own.add_argument(
        "--box", metavar="X,Y,SIDE", help="the square to read, in pixels (default: the largest in the middle)"
    )
    own.add_argument(
        "--hold", type=float, default=0.8, metavar="SECONDS", help="how long a sign is held in a video (default: 0.8)"
    )
    own.add_argument("--out", type=Path, metavar="DIR", help="where annotated videos go (default: beside the video)")
    own.add_argument("paths", type=Path, nargs="+", metavar="PATH")
    return own


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns the exit status."""
    given = parser().parse_args(arguments)
    failed = False
    try:
        box = tuple(int(word) for word in given.box.split(",")) if given.box else None
        if box is not None and len(box) != 3:
            raise ValueError
    except ValueError:
        print(f"--box wants three whole numbers X,Y,SIDE, not {given.box!r}.", file=sys.stderr)
        return 2
    try:
        network = Network(given.model)
    except BundleError as error:
        print(error, file=sys.stderr)
        return 1
    for path in given.paths:
        try:
            if path.is_dir():
                print(read_folder(network, path, box, given.left))
            elif path.suffix.lower() in PICTURE_SUFFIXES:
                print(read_picture(network, path, box, given.left))
            else:
                target = (given.out or path.parent) / f"{path.stem}-read.mp4"
                print(read_video(network, path, target, box, given.left, given.hold))
        except (PredictionError, OSError) as error:
            print(f"{path}: {error}", file=sys.stderr)
            failed = True
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
