"""What a mean pose does not tell of a sign, put right by hand so that a learner could copy the drawing.

A camera sees a fist as a knot of joints: which finger lies over the thumb, and where a tip shows, is what tells A, E, M, N, S
and T apart. Places are in lengths of the palm, its middle at the origin, x to the right and y down, before the hand is turned.
"""

from dataclasses import dataclass, field

Place = tuple[float, float]

# A finger folded into the fist: base, knuckle, joint and tip, as most signs have it.
FOLDED: dict[str, tuple[Place, Place, Place, Place]] = {
    "index": ((0.37, -0.22), (0.4, -0.5), (0.41, -0.14), (0.385, 0.0)),
    "middle": ((0.12, -0.24), (0.145, -0.55), (0.16, -0.12), (0.145, 0.04)),
    "ring": ((-0.12, -0.19), (-0.11, -0.49), (-0.085, -0.08), (-0.09, 0.07)),
    "little": ((-0.33, -0.09), (-0.345, -0.36), (-0.305, -0.03), (-0.3, 0.09)),
}
# Fingers stretched and side by side.
STRAIGHT: dict[str, tuple[Place, Place, Place, Place]] = {
    "index": ((0.34, -0.22), (0.345, -0.6), (0.335, -0.85), (0.32, -1.06)),
    "middle": ((0.1, -0.25), (0.105, -0.67), (0.105, -0.95), (0.1, -1.18)),
    "ring": ((-0.12, -0.2), (-0.13, -0.6), (-0.13, -0.87), (-0.125, -1.07)),
    "little": ((-0.34, -0.09), (-0.355, -0.41), (-0.355, -0.62), (-0.345, -0.8)),
}


@dataclass(frozen=True)
class Hint:
    """How the drawing of one sign differs from its mean pose."""

    axis: float = 90.0
    """Where the palm points, in degrees from the right, anticlockwise as it is seen."""
    folded: str = ""
    """Fingers that are drawn as FOLDED has them, by name."""
    straight: str = ""
    """Fingers that are drawn as STRAIGHT has them, by name."""
    joints: dict[int, Place] = field(default_factory=dict)
    """Landmark -> place, where neither the mean pose nor FOLDED is telling."""
    over: str = ""
    """Pieces that lie over all others, the nearest last: finger names."""
    points: float | None = None
    """Where the forefinger points in the pictures to choose, in degrees as `axis`, where people hold a sign in two ways."""
    shift: Place = (0.0, 0.0)
    """How far the hand stands from its usual place in the picture, in the picture's units."""
    stroke: str = ""
    """The way of the finger that draws the sign, as an SVG path in the picture's units; it ends in an arrow."""
    like: str = ""
    """The sign whose mean pose is drawn instead: of a sign that is drawn in the air, the hand that begins it."""


_FIST = "index middle ring little"
_THUMB_ACROSS = {2: (0.52, 0.18), 3: (0.33, -0.07), 4: (0.02, -0.15)}
_PINCH = {
    6: (0.5, -0.47),
    7: (0.7, -0.38),
    8: (0.75, -0.17),
    1: (0.34, 0.52),
    2: (0.58, 0.27),
    3: (0.73, 0.09),
    4: (0.77, -0.1),
}
# Seen from the side, the forefinger is behind the middle finger.
_ROUND = {2: (0.57, 0.3), 3: (0.78, 0.16), 6: (0.3, -0.59), 7: (0.61, -0.49), 8: (0.75, -0.3)}
_CURVED = {2: (0.57, 0.34), 3: (0.8, 0.24), 4: (0.97, 0.07), 6: (0.12, -0.66), 7: (0.38, -0.78), 8: (0.6, -0.75)}

HINTS: dict[str, Hint] = {
    "A": Hint(folded=_FIST, joints={1: (0.36, 0.52), 2: (0.58, 0.14), 3: (0.665, -0.2), 4: (0.65, -0.5)}),
    "B": Hint(straight=_FIST, over="thumb"),
    "C": Hint(axis=82, joints=_CURVED),
    "D": Hint(
        folded="ring little",
        joints={
            10: (0.13, -0.57),
            11: (0.215, -0.3),
            12: (0.235, -0.1),
            2: (0.56, 0.24),
            3: (0.53, 0.02),
            4: (0.35, -0.09),
        },
        over="thumb",
    ),
    "E": Hint(
        joints={
            **{
                6: (0.38, -0.56),
                7: (0.41, -0.3),
                8: (0.38, -0.1),
                10: (0.12, -0.63),
                11: (0.155, -0.34),
                12: (0.14, -0.1),
            },
            **{
                14: (-0.135, -0.58),
                15: (-0.1, -0.32),
                16: (-0.1, -0.09),
                18: (-0.355, -0.42),
                19: (-0.33, -0.22),
                20: (-0.32, -0.06),
            },
            **{2: (0.52, 0.3), 3: (0.28, 0.16), 4: (-0.08, 0.12)},
        },
        over="thumb index middle ring little",
    ),
    "F": Hint(joints=_PINCH, over="thumb"),
    "G": Hint(axis=48, points=0),
    "H": Hint(axis=28, points=0),
    "I": Hint(folded="index middle ring", joints=_THUMB_ACROSS, over="thumb"),
    "J": Hint(
        like="I",
        folded="index middle ring",
        joints=_THUMB_ACROSS,
        over="thumb",
        shift=(24, 0),
        stroke="M62 62C46 66 34 80 34 104V176C34 232 116 240 122 190M104 206L122 188L138 207",
    ),
    "K": Hint(folded="ring little", joints={2: (0.5, 0.1), 3: (0.38, -0.25), 4: (0.24, -0.56)}, over="thumb"),
    "L": Hint(folded="middle ring little"),
    "M": Hint(
        folded=_FIST,
        joints={
            **{
                7: (0.4, -0.1),
                8: (0.38, 0.1),
                11: (0.15, -0.08),
                12: (0.13, 0.14),
                15: (-0.1, -0.06),
                16: (-0.11, 0.13),
            },
            **{2: (0.5, 0.2), 3: (0.2, 0.05), 4: (-0.235, -0.37)},
        },
        over="thumb ring middle index",
    ),
    "N": Hint(
        folded=_FIST,
        joints={
            **{7: (0.4, -0.1), 8: (0.38, 0.1), 11: (0.15, -0.08), 12: (0.13, 0.14)},
            **{2: (0.5, 0.2), 3: (0.25, 0.0), 4: (0.015, -0.45)},
        },
        over="thumb middle index",
    ),
    "O": Hint(axis=82, joints=_ROUND),
    "P": Hint(axis=30, points=-10),
    "Q": Hint(
        axis=10,
        points=-60,
        joints={
            **{3: (0.8, 0.0), 4: (1.05, -0.02), 11: (0.5, -0.14), 12: (0.38, -0.09)},
            **{15: (0.45, 0.03), 16: (0.33, 0.07), 19: (0.36, 0.2), 20: (0.26, 0.22)},
        },
    ),
    "R": Hint(
        folded="ring little",
        joints={
            **{
                6: (0.28, -0.6),
                7: (0.2, -0.85),
                8: (0.13, -1.03),
                10: (0.2, -0.67),
                11: (0.29, -0.93),
                12: (0.37, -1.14),
            },
            **_THUMB_ACROSS,
        },
        over="index thumb",
    ),
    "S": Hint(folded=_FIST, joints={2: (0.57, 0.14), 3: (0.4, -0.13), 4: (0.06, -0.18)}, over="thumb"),
    "T": Hint(
        folded=_FIST,
        joints={
            6: (0.43, -0.48),
            7: (0.44, -0.12),
            8: (0.4, 0.03),
            2: (0.52, 0.16),
            3: (0.38, -0.25),
            4: (0.275, -0.6),
        },
        over="thumb index",
    ),
    "U": Hint(straight="index middle", folded="ring little", joints=_THUMB_ACROSS, over="thumb"),
    "V": Hint(folded="ring little", joints=_THUMB_ACROSS, over="thumb"),
    "W": Hint(folded="little", joints={2: (0.47, 0.24), 3: (0.2, 0.02), 4: (-0.16, -0.12)}, over="thumb"),
    "X": Hint(folded="middle ring little", joints=_THUMB_ACROSS, over="thumb"),
    "Y": Hint(folded="index middle ring"),
    "Z": Hint(
        folded="middle ring little",
        joints=_THUMB_ACROSS,
        over="thumb",
        shift=(48, 0),
        stroke="M182 20H68L152 90H62M82 72L62 90L82 108",
    ),
    "0": Hint(like="O", axis=82, joints=_ROUND),
    "1": Hint(like="Z", folded="middle ring little", joints=_THUMB_ACROSS, over="thumb"),
    "2": Hint(folded="ring little", joints=_THUMB_ACROSS, over="thumb"),
    "3": Hint(folded="ring little"),
    "4": Hint(over="thumb"),
    "6": Hint(over="thumb"),
    "7": Hint(over="thumb"),
    "8": Hint(over="thumb"),
    "9": Hint(joints=_PINCH, over="thumb"),
    "space": Hint(axis=150),
    "del": Hint(axis=90),
}
