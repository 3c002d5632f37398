"""Train the six architectures on the same data, each on a random split and on unseen signers, and print one table.

    python training/compare.py --data ../shared/data --labels digits --epochs 12 --limit 150

What a folder holds already is not trained again, so a long comparison can be broken off and gone on with.
"""

import argparse
import os
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from training import options
from training.architectures import ARCHITECTURES
from training.comparison import compare, table
from training.workflow import TrainOptions


def parser() -> argparse.ArgumentParser:
    """The command line."""
    own = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_data(own)
    options.add_labels(own)
    own.add_argument(
        "--arch", action="append", choices=sorted(ARCHITECTURES), help="only this one, repeatable (default: all)"
    )
    own.add_argument("--size", type=int, help="side of every network's input (default: each source's own)")
    own.add_argument("--epochs", type=int, help="(default: each source's own)")
    own.add_argument("--limit", type=int, default=0, metavar="N", help="at most N training pictures a label")
    own.add_argument(
        "--val-fraction", type=float, default=0.2, help="share kept apart by the random split (default: 0.2)"
    )
    own.add_argument("--weights", help="pretrained weights for the MobileNets: imagenet, none or a file")
    own.add_argument("--precision", choices=("float32", "mixed_float16", "mixed_bfloat16"), default="float32")
    own.add_argument("--seed", type=int, default=1)
    own.add_argument("--again", action="store_true", help="train also what is there already")
    own.add_argument("--out", type=Path, default=Path("runs/compare"), metavar="DIR", help="(default: runs/compare)")
    return own


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns the exit status."""
    given = parser().parse_args(arguments)
    chosen = TrainOptions(
        data=options.data_folders(given.data),
        labels=given.labels,
        size=given.size,
        epochs=given.epochs,
        limit=given.limit,
        val_fraction=given.val_fraction,
        weights=given.weights,
        precision=given.precision,
        seed=given.seed,
        no_report=True,
    )
    rows = compare(chosen, given.arch or list(ARCHITECTURES), given.out, given.again)
    print(table(rows))
    return int(any(row.signer is None for row in rows))


if __name__ == "__main__":
    sys.exit(main())
