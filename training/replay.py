"""Play recordings of somebody spelling to a real server, and say what it read, how wrong and how soon.

    python training/replay.py --model models/letters ../shared/data/sequences/ahmed_HELLO ...

A recording is a video, a folder of frames (with `labels.csv`, columns frame and label, where somebody knows what they
show), or a folder of frames per label. Every frame goes through the hand tracker and to the server as a page sends it;
without --url a server is started for it. Frames are sent as fast as they are answered: the recording's clock counts.
"""

import argparse
import json
import sys
from contextlib import nullcontext
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from training import options, replaying
from training.live import LiveError, own_server
from training.replaying import Figures, ReplayError
from webapp.core.bundle import BundleError, read_card
from webapp.core.protocol import PACES
from webapp.hand_models import HandModelError
from webapp.tracker import HandTracker


def parser() -> argparse.ArgumentParser:
    """The command line."""
    own = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_model(own)
    own.add_argument("--url", help="a server that runs already and has a model of that folder's name")
    own.add_argument(
        "--rate",
        type=options.positive,
        metavar="N",
        help="frames a second of the recording (default: a video's own, else 10)",
    )
    own.add_argument("--pace", choices=PACES, default="normal", help="how long a sign is held (default: normal)")
    own.add_argument("--text", default="", help="the letters that are spelled, where no labels tell, or no gaps do")
    own.add_argument("--boxes", action="store_true", help="cut the hands out by boxes.csv and use no tracker")
    own.add_argument("--no-landmarks", action="store_true", help="send the crops alone")
    own.add_argument("--lite", action="store_true", help="the smaller landmark model: twice as fast, less exact")
    own.add_argument("--json", type=options.new_file, metavar="FILE", help="write the figures there as well, as a list")
    own.add_argument("places", type=Path, nargs="+", metavar="RECORDING", help="videos and folders of frames")
    return own


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns the exit status."""
    given = parser().parse_args(arguments)
    results: list[Figures] = []
    try:
        if not given.url:
            read_card(given.model)
        tracker = None if given.boxes else HandTracker("lite" if given.lite else "full")
        with nullcontext(given.url) if given.url else own_server(given.model) as url:
            for place in given.places:
                try:
                    result = _replayed(place, given, url, tracker)
                except ReplayError as error:
                    print(error, file=sys.stderr)
                    continue
                print(replaying.as_text(result), flush=True)
                results.append(result)
    except (BundleError, HandModelError, LiveError) as error:
        print(error, file=sys.stderr)
        return 1
    if given.json:
        given.json.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    return 0 if len(results) == len(given.places) else 1


def _replayed(place: Path, given: argparse.Namespace, url: str, tracker: HandTracker | None) -> Figures:
    recording = replaying.read_recording(place, given.rate)
    if tracker:
        find = replaying.tracking(tracker, not given.no_landmarks)
    elif recording.squares:
        find = replaying.boxed(recording.squares)
    else:
        raise ReplayError(f"{place}: there is no boxes.csv.")
    played = replaying.play(recording, url, given.model.resolve().name, given.pace, find)
    return replaying.figures(recording, played, given.text)


if __name__ == "__main__":
    sys.exit(main())
