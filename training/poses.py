"""How people hold a sign: from the landmarks of many signers' pictures to one pose that all of them would know.

Pictures are brought to one place, one size and one turn by the palm alone, so that what the fingers do is compared. Each
signer counts once, however many pictures there are, and signers who hold a sign unlike the others count for nothing.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from training.data import Sample

Pose = npt.NDArray[np.float64]  # (21, 3): x to the right, y down, z away from the viewer, in lengths of the palm

PALM = (0, 5, 9, 13, 17)
# Of the signers of a sign, the share that agrees best makes the pose: two styles of one sign must not be mixed.
AGREEING_SHARE = 0.5
_ROUNDS = 8
_SAME_WAY_DEGREES = 40


@dataclass(frozen=True)
class MeanPose:
    """The pose of one sign, a right hand as the viewer sees it, and how many people and pictures it comes from."""

    points: Pose
    signers: int
    pictures: int


def mean_pose(samples: Sequence[Sample]) -> MeanPose:
    """The pose that the samples of one sign have in common. Left hands are turned into right ones.

    Raises ValueError where no sample has landmarks.
    """
    by_signer: dict[str, list[Pose]] = defaultdict(list)
    for sample in samples:
        if sample.landmarks is not None:
            by_signer[sample.signer].append(_upright(sample))
    if not by_signer:
        raise ValueError("no sample has landmarks")
    poses = np.stack([np.median(_turned(np.stack(held)), axis=0) for held in by_signer.values()])  # (signers, 21, 3)
    poses = _turned(poses)
    agreeing = np.ones(len(poses), bool)
    for _ in range(_ROUNDS):
        centre = np.median(poses[agreeing], axis=0)
        distance = np.linalg.norm(poses - centre, axis=2).mean(axis=1)
        agreeing = distance <= np.quantile(distance, AGREEING_SHARE)
    kept = [name for name, agrees in zip(by_signer, agreeing, strict=True) if agrees]
    return MeanPose(poses[agreeing].mean(axis=0), len(kept), sum(len(by_signer[name]) for name in kept))


def pointing(samples: Sequence[Sample], degrees: float) -> list[Sample]:
    """Those whose forefinger points about that way, from the right anticlockwise, once left hands are right ones."""

    def off(sample: Sample) -> float:
        points = _upright(sample)
        right, down = points[8, :2] - points[5, :2]
        return abs((np.degrees(np.arctan2(-down, right)) - degrees + 180) % 360 - 180)

    return [sample for sample in samples if sample.landmarks is not None and off(sample) < _SAME_WAY_DEGREES]


def _upright(sample: Sample) -> Pose:
    """One picture's landmarks as a right hand's, the middle of the palm at the origin, the palm one unit long."""
    assert sample.landmarks is not None
    points = sample.landmarks.astype(np.float64)
    if sample.left_hand:
        points[:, 0] *= -1
    points -= points[list(PALM)].mean(axis=0)
    # A palm that is seen from the side, or from the front, is short in one of the two.
    length = max(float(np.linalg.norm(points[9] - points[0])), 1.2 * float(np.linalg.norm(points[17] - points[5])))
    return np.asarray(points / max(length, 1e-6))


def _turned(poses: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The poses, each turned in the picture's plane towards their median, so that a tilted wrist is no difference."""
    turned = poses
    for _ in range(3):
        centre = np.median(turned, axis=0)[list(PALM), :2]
        palm = poses[:, list(PALM), :2]
        angle = np.arctan2(
            (palm[..., 0] * centre[:, 1] - palm[..., 1] * centre[:, 0]).sum(axis=1), (palm * centre).sum(axis=(1, 2))
        )
        cos, sin = np.cos(angle)[:, None], np.sin(angle)[:, None]
        turned = poses.copy()
        turned[..., 0] = cos * poses[..., 0] - sin * poses[..., 1]
        turned[..., 1] = sin * poses[..., 0] + cos * poses[..., 1]
    return turned
