"""Text that was read beside the text that was wanted."""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

Pair = tuple[str, str]
"""A wanted letter and what was read for it; "" on one side where it was missed or added."""


class Edits(NamedTuple):
    """How many letters were missed, read wrong and added."""

    missed: int
    wrong: int
    added: int

    @property
    def total(self) -> int:
        return sum(self)


def aligned(read: str, wanted: str) -> list[Pair]:
    """Pairs of letters, in order, on a cheapest way from `wanted` to `read` (Levenshtein)."""
    costs = [list(range(len(read) + 1))]
    for row, letter in enumerate(wanted, 1):
        costs.append([row])
        for column, found in enumerate(read, 1):
            same = costs[row - 1][column - 1] + (found != letter)
            costs[row].append(min(same, costs[row - 1][column] + 1, costs[row][column - 1] + 1))
    row, column = len(wanted), len(read)
    pairs: list[Pair] = []
    while row or column:
        cost = costs[row][column]
        if row and column and cost == costs[row - 1][column - 1] + (read[column - 1] != wanted[row - 1]):
            row, column = row - 1, column - 1
            pairs.append((wanted[row], read[column]))
        elif row and cost == costs[row - 1][column] + 1:
            row -= 1
            pairs.append((wanted[row], ""))
        else:
            column -= 1
            pairs.append(("", read[column]))
    return pairs[::-1]


def edits(read: str, wanted: str) -> Edits:
    """The fewest edits from `wanted` to `read`."""
    pairs = aligned(read, wanted)
    return Edits(
        missed=sum(not found for _, found in pairs),
        wrong=sum(bool(letter and found) and letter != found for letter, found in pairs),
        added=sum(not letter for letter, _ in pairs),
    )


def doubled(pairs: Sequence[Pair]) -> tuple[int, int]:
    """How many letters are wanted twice running, and of how many of these both were read."""
    wanted = [(letter, found == letter) for letter, found in pairs if letter]
    twice = [first[1] and second[1] for first, second in pairwise(wanted) if first[0] == second[0]]
    return len(twice), sum(twice)
