"""Draw the hands of the reference chart from the poses that many signers have in common.

    python training/chart.py --data DIR --out templates/hands.svg

Says for each sign how many people and pictures its pose comes from. The drawing holds lines and no picture of anybody.
"""

import argparse
import sys
from collections import defaultdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from training import data, options
from training.drawing import symbol
from training.hints import HINTS, Hint
from training.poses import MeanPose, mean_pose, pointing

SIGNS = (*"ABCDEFGHIJKLMNOPQRSTUVWXYZ", *"0123456789", "space", "del")


def parser() -> argparse.ArgumentParser:
    """The command line."""
    own = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_data(own)
    own.add_argument(
        "--sets",
        default="tracked,digits,kaggle_asl",
        metavar="A,B",
        help="sets whose pictures are square and whose frames are whole (default: %(default)s)",
    )
    own.add_argument(
        "--out", type=Path, default=Path("templates/hands.svg"), metavar="FILE", help="(default: %(default)s)"
    )
    return own


def poses_of(samples: list[data.Sample]) -> dict[str, MeanPose]:
    """The pose of every sign that is drawn. Raises DataError where a sign has no landmarks."""
    by_label: dict[str, list[data.Sample]] = defaultdict(list)
    for sample in samples:
        by_label[sample.label].append(sample)
    poses = {}
    for sign in SIGNS:
        hint = HINTS.get(sign, Hint())
        chosen = by_label[hint.like or sign]
        if hint.points is not None:
            chosen = pointing(chosen, hint.points)
        try:
            poses[sign] = mean_pose(chosen)
        except ValueError as error:
            raise data.DataError(f"{sign} cannot be drawn: {error}.") from None
    return poses


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns the exit status."""
    given = parser().parse_args(arguments)
    try:
        samples, problems = data.read_data(options.data_folders(given.data))
        for problem in problems:
            print(problem, file=sys.stderr)
        wanted = given.sets.split(",")
        poses = poses_of([sample for sample in samples if sample.set in wanted])
        symbols = [symbol(sign, pose.points, HINTS.get(sign, Hint())) for sign, pose in poses.items()]
        given.out.write_text(
            f'<svg class="symbols" aria-hidden="true" focusable="false">\n{chr(10).join(symbols)}\n</svg>\n', "utf-8"
        )
    except (data.DataError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    for sign, pose in poses.items():
        print(f"{sign:>5}: {pose.signers:3} people who agree, {pose.pictures:4} pictures")
    print(f"{len(poses)} signs, {given.out} ({given.out.stat().st_size / 1024:.0f} KiB)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
