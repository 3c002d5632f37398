"""Measure what a bundle loses where pictures are turned, dim, blurred, small or otherwise not as they should be.

    python training/robustness.py --model models/letters --data ../shared/data --split dev --figure robustness.png

Every picture is changed in one way at a time and read as the server reads it, with its landmarks where the network takes
them and from the crop alone. A row is the mean over signers of the share read right. The landmarks are those found in the
unchanged picture, moved with it: what a tracker loses in poor light or blur is not counted here. Ctrl-C ends it with what
is there.
"""

import argparse
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from training import conditions, options
from training.conditions import Row
from training.data import DataError, read_data
from training.progress import counted
from webapp.core.bundle import BundleError
from webapp.inference import Network


def parser() -> argparse.ArgumentParser:
    """The command line."""
    own = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_model(own)
    options.add_data(own)
    own.add_argument("--split", default="", help="only rows of a manifest with this split, such as dev")
    own.add_argument(
        "--exclude",
        default="J,Z,del,nothing,space",
        metavar="A,B",
        help="labels to leave out (default: movements and what is no letter: J,Z,del,nothing,space)",
    )
    own.add_argument(
        "--limit",
        type=options.count,
        default=0,
        metavar="N",
        help="at most N pictures, evenly over signers and labels (default: all)",
    )
    own.add_argument("--json", type=options.new_file, metavar="FILE", help="write the figures there as well")
    own.add_argument("--figure", type=options.new_figure, metavar="FILE", help="draw them there, as PNG or SVG")
    return own


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns the exit status."""
    given = parser().parse_args(arguments)
    rows: list[Row] = []
    try:
        network = Network(given.model)
        samples, problems = read_data(options.data_folders(given.data))
        labels = set(network.card.labels) - set(given.exclude.split(","))
        samples = [s for s in samples if (not given.split or s.split == given.split) and s.label in labels]
        hands, unread = conditions.hands_of(conditions.spread(samples, given.limit))
        for problem in (*problems, *unread):
            print(problem, file=sys.stderr)
        if not hands:
            raise DataError("There are no pictures to measure with.")
    except (BundleError, DataError) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{given.model} {network.card.version}: {len(hands):,} pictures", file=sys.stderr)
    try:
        for condition in counted(conditions.CONDITIONS, "rows measured"):
            rows.append(conditions.measured(network, hands, condition))
    except KeyboardInterrupt:
        print(f"Interrupted after {len(rows)} of {len(conditions.CONDITIONS)} rows.", file=sys.stderr)
    if not rows:
        return 1
    print(conditions.as_table(rows))
    if given.json:
        facts = {"model": network.card.name, "version": network.card.version, "n": len(hands)}
        text = json.dumps(facts | {"rows": conditions.as_json(rows)}, indent=1)
        given.json.write_text(text + "\n", encoding="utf-8")
    if given.figure:
        conditions.figure_of(rows).savefig(given.figure, dpi=100)
    return 0 if len(rows) == len(conditions.CONDITIONS) else 1


if __name__ == "__main__":
    sys.exit(main())
