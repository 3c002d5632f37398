"""Prepare pictures as the tutorials do: N random ones a class, cut to the hand, resized, with a manifest.

    python training/prepare.py --data DIR --labels letters --per-label 1200 --size 224 --out runs/prepared

Beside the pictures it leaves `manifest.csv` and an overview: `counts.png` and `contact-sheet.png`.
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import cv2

from training import data, options, preparation


def parser() -> argparse.ArgumentParser:
    """The command line."""
    own = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_data(own)
    options.add_labels(own)
    own.add_argument("--per-label", type=int, default=0, metavar="N", help="random pictures a label (default: all)")
    own.add_argument("--size", type=int, default=224, metavar="PX", help="side of the pictures (default: 224)")
    own.add_argument(
        "--sheet", type=int, default=8, metavar="N", help="pictures a label on the contact sheet (default: 8)"
    )
    own.add_argument("--seed", type=int, default=1)
    own.add_argument("--out", type=Path, default=Path("runs/prepared"), metavar="DIR", help="(default: runs/prepared)")
    return own


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns the exit status."""
    given = parser().parse_args(arguments)
    try:
        labels = data.label_list(given.labels)
        samples, problems = data.read_data(options.data_folders(given.data))
        samples, unwanted = data.keep_labels(samples, labels)
        chosen = preparation.choose(samples, given.per_label, given.seed)
        chosen, broken = data.check_files(chosen)
        for problem in (*problems, *unwanted, *broken, *data.check_labels(chosen, labels)):
            print(problem, file=sys.stderr)
        if not chosen:
            raise data.DataError("There are no pictures with these labels.")
        manifest = preparation.write_pictures(chosen, given.out, given.size)
        preparation.counts_figure(chosen).savefig(given.out / "counts.png", dpi=90, bbox_inches="tight")
        sheet = preparation.contact_sheet(chosen, given.sheet, given.seed)
        cv2.imwrite(str(given.out / "contact-sheet.png"), sheet[..., ::-1])
    except (data.DataError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    print(preparation.overview(chosen))
    print(f"{len(chosen):,} pictures, {manifest}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
