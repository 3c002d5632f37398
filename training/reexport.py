"""Export a bundle's network again, without training: for a bundle whose served form is older than the export.

    python training/reexport.py --model models/letters

Card, figures, calibration and floors stay; model.tflite, its hash, the version and the stored answer are made anew.
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import keras

import training.architectures  # noqa: F401  registers our layers
from training import options
from training.export import ExportError, write_bundle
from webapp.core.bundle import KERAS_NAME, BundleError, Card, read_card

# What `write_bundle` decides by itself.
DECIDED = ("format", "name", "version", "labels", "input", "floors", "tflite_sha256", "check_output")


def reexport(folder: Path, keras_file: Path) -> Card:
    """Write the bundle in `folder` anew from its network in `keras_file`. Raises BundleError, ExportError, OSError."""
    card = read_card(folder)
    model = keras.models.load_model(keras_file, compile=False)
    facts = {name: value for name, value in card.raw.items() if name not in DECIDED}
    return write_bundle(folder, model, card.labels, card.floors, facts)


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns the exit status."""
    own = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_model(own)
    own.add_argument(
        "--keras", type=Path, metavar="FILE", help=f"the network, where the bundle does not hold it ({KERAS_NAME})"
    )
    given = own.parse_args(arguments)
    try:
        before = read_card(given.model).version
        card = reexport(given.model, given.keras or given.model / KERAS_NAME)
    except (BundleError, ExportError, OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{given.model}: version {before} is now {card.version}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
