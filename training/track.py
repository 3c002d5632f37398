"""Cut the hands out of photographs, frames and videos, with their landmarks, ready for training.

    python training/track.py --out runs/tracked PHOTOGRAPHS_OR_VIDEOS...

A place is a file or a folder: with a `manifest.csv`, or sorted as `label/…` or `signer/label/…`. The output folder gets
the crops (160 px), `manifest.csv` with the landmarks, and `missed.csv` with every file of which nothing could be made and
why. A run that was broken off goes on where it stopped; a new run of the same command adds what is new.
"""

import argparse
import sys
import time
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from training import options, tracking
from training.data import DataError
from webapp.hand_models import HandModelError
from webapp.tracker import HandTracker

_PROGRESS_SECONDS = 2.0


def parser() -> argparse.ArgumentParser:
    """The command line."""
    own = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    own.add_argument("places", type=Path, nargs="+", metavar="PLACE", help="photographs, videos and folders of them")
    own.add_argument("--out", type=Path, required=True, metavar="DIR", help="gets crops, manifest.csv and missed.csv")
    own.add_argument("--label", help="what all of them show (default: as the folders or the manifest say)")
    own.add_argument("--signer", help="who signs in all of them (default: as the folders or the manifest say)")
    own.add_argument("--licence", default="", help="under which they may be used, for the manifest")
    own.add_argument(
        "--every",
        type=options.positive,
        default=0.2,
        metavar="SECONDS",
        help="how often a video gives a crop (default: 0.2)",
    )
    own.add_argument("--lite", action="store_true", help="the smaller landmark model: twice as fast, less exact")
    return own


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns the exit status."""
    given = parser().parse_args(arguments)
    changes = {name: value for name in ("label", "signer", "licence") if (value := getattr(given, name))}
    try:
        sources = [replace(source, **changes) for source in tracking.sources_in(given.places)]
        tracker = HandTracker("lite" if given.lite else "full")
        tally = tracking.track(sources, given.out, tracker, given.every, _Progress())
    except (HandModelError, DataError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    for original, why in tally.missed.items():
        print(f"{original}: {why}", file=sys.stderr)
    print(f"{tally.crops:,} new crops in {given.out}; {len(tally.missed):,} of {tally.total:,} missed")
    return 0 if tally.total else 1


class _Progress:
    """A line every few seconds."""

    def __init__(self) -> None:
        self._started = self._told = time.monotonic()

    def __call__(self, tally: tracking.Tally) -> None:
        now = time.monotonic()
        if now - self._told < _PROGRESS_SECONDS:
            return
        self._told = now
        rate = tally.done / (now - self._started)
        print(
            f"{tally.done:,} of {tally.total:,}, {tally.crops:,} crops, {rate:.0f} a second, "
            f"{(tally.total - tally.done) / rate:.0f} s left",
            file=sys.stderr,
        )


if __name__ == "__main__":
    sys.exit(main())
