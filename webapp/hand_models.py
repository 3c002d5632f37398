"""The hand tracker's models as bytes, out of the npm package @mediapipe/hands (Apache-2.0).

The landmark models are files of their own. The palm models lie in one packed file, at the places that the package's own
loader script names; they are read from there, so a new version of the package brings its own places.
"""

import json
import re
from functools import cache
from pathlib import Path
from typing import Literal, get_args

from webapp.config import ROOT

ModelName = Literal["palm_detection_lite", "palm_detection_full", "hand_landmark_lite", "hand_landmark_full"]
MODEL_NAMES: tuple[ModelName, ...] = get_args(ModelName)

PACKAGE = ROOT / "node_modules" / "@mediapipe" / "hands"
_PACKED = "hands_solution_packed_assets.data"
_LOADER = "hands_solution_packed_assets_loader.js"
_FILE_LIST = re.compile(r'loadPackage\(\{"files": (\[.*?\])')
_TFLITE_MAGIC = b"TFL3"  # at byte 4 of every model file


class HandModelError(Exception):
    """A hand model that cannot be had; the message says which and what mends it."""


@cache
def hand_model(name: ModelName, package: Path = PACKAGE) -> bytes:
    """One model's .tflite file. Raises HandModelError."""
    try:
        if name.startswith("palm"):
            data = unpack((package / _LOADER).read_text("utf-8"), (package / _PACKED).read_bytes(), f"{name}.tflite")
        else:
            data = (package / f"{name}.tflite").read_bytes()
    except OSError as error:
        raise HandModelError(f"{error.filename} cannot be read. `make serve` installs it.") from error
    if data[4:8] != _TFLITE_MAGIC:
        raise HandModelError(
            f"{name} in {package} is no TensorFlow Lite model. `npm ci` puts the pinned version there."
        )
    return data


def unpack(loader: str, packed: bytes, name: str) -> bytes:
    """The file called `name` out of packed assets, whose `loader` script lists where each begins and ends.

    Raises HandModelError where the script names no such file or the places lie outside the data.
    """
    listed = _FILE_LIST.search(loader)
    for file in json.loads(listed[1]) if listed else []:
        if Path(file["filename"]).name == name:
            if not 0 <= file["start"] < file["end"] <= len(packed):
                break
            return packed[file["start"] : file["end"]]
    raise HandModelError(
        f"{name} is not in the packed assets of @mediapipe/hands. `npm ci` puts the pinned version there."
    )
