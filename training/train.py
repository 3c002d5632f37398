"""Train a network on pictures of hands and leave a bundle that the page can serve.

    python training/train.py --data DIR [--data DIR ...] --labels letters

Everything it does can be imported from the modules beside it.
"""

import argparse
import os
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from training.architectures import ARCHITECTURES
from training.workflow import TrainOptions, train_bundle


def parser() -> argparse.ArgumentParser:
    """The command line."""
    own = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    where = own.add_argument_group("data")
    where.add_argument(
        "--data",
        type=Path,
        action="append",
        metavar="DIR",
        help="folder of pictures, repeatable (default: ../shared/data)",
    )
    where.add_argument(
        "--frames",
        type=Path,
        metavar="DIR",
        help="whole frames with hand boxes, for pictures of no hand (default: frames/ in the first data folder, where there is one)",
    )
    where.add_argument("--labels", default="letters", help="letters, digits or a list such as A,B,C (default: letters)")
    where.add_argument(
        "--limit", type=int, default=0, metavar="N", help="at most N training pictures a label, drawn at random"
    )
    where.add_argument(
        "--split", choices=("signer", "random"), default="signer", help="how pictures are kept apart (default: signer)"
    )
    where.add_argument("--val-signers", default="", metavar="A,B", help="signers to choose the best epoch by")
    where.add_argument("--test-signers", default="", metavar="A,B", help="signers to test on")
    where.add_argument(
        "--val-fraction", type=float, default=0.2, help="share kept apart where nothing else says (default: 0.2)"
    )
    what = own.add_argument_group("network and training (defaults: the architecture's own source)")
    what.add_argument("--arch", choices=sorted(ARCHITECTURES), default="handspell")
    what.add_argument("--weights", help="hands (handspell), imagenet, none, or a file of pretrained weights")
    what.add_argument(
        "--init",
        type=Path,
        metavar="FILE",
        help="begin from a saved network of the same architecture, such as models/letters/model.keras",
    )
    what.add_argument(
        "--twin",
        type=Path,
        metavar="DIR",
        help="learn from everybody; take figures, calibration and floors from this bundle, trained the same way with signers kept apart",
    )
    what.add_argument("--size", type=int, help="side of the network's input in pixels")
    what.add_argument(
        "--warm-size",
        type=int,
        default=0,
        metavar="PX",
        help="side of the pictures in the first epochs (handspell only)",
    )
    what.add_argument("--warm-epochs", type=int, default=0, metavar="N")
    what.add_argument("--epochs", type=int)
    what.add_argument("--steps", type=int, help="batches an epoch (default: every picture once)")
    what.add_argument("--batch", type=int)
    what.add_argument("--learning-rate", type=float)
    what.add_argument("--ema", type=float, help="momentum of the averaged weights that are judged and kept; 0 for none")
    what.add_argument("--patience", type=int, help="epochs without improvement before stopping; 0 never stops early")
    what.add_argument("--augmentation", choices=("none", "shear-zoom", "full", "finish"))
    what.add_argument("--precision", choices=("float32", "mixed_float16", "mixed_bfloat16"), default="float32")
    what.add_argument("--seed", type=int, default=1)
    out = own.add_argument_group("results")
    out.add_argument("--out", type=Path, metavar="DIR", help="the bundle (default: models/<labels>)")
    out.add_argument(
        "--run", type=Path, metavar="DIR", help="working folder: checkpoints, logs (default: runs/<name of the bundle>)"
    )
    out.add_argument("--resume", action="store_true", help="go on with the run in the working folder")
    out.add_argument(
        "--force",
        action="store_true",
        help="replace a bundle that reads strangers better, or a run that was broken off",
    )
    out.add_argument("--no-report", action="store_true", help="leave report/ out")
    return own


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns the exit status."""
    given = vars(parser().parse_args(arguments))
    given["data"] = given["data"] or [Path("../shared/data")]
    return train_bundle(TrainOptions(**given))


if __name__ == "__main__":
    sys.exit(main())
