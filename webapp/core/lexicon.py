"""Words with their frequencies as a trie in arrays: what a decoder walks, a whole front of places at a time.

Nodes are numbered depth by depth in alphabetical order, so that the children of a node lie side by side. The root is 0.
"""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
COMPLETIONS = 3
"""How many of its likeliest longer words each beginning knows."""

Floats = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.int32]


class Lexicon:
    """Words in capitals and how probable each is; never changed once made."""

    def __init__(self, weights: Mapping[str, float]) -> None:
        """weights: each word, of the letters A to Z alone, with its share (any scale, above 0). There must be one."""
        self.words = sorted(weights)
        shares = np.array([weights[word] for word in self.words])
        self.log_shares: Floats = np.log(shares / shares.sum()).astype(np.float32)  # (words,)
        lengths = np.array([len(word) for word in self.words])
        longest = int(lengths.max())
        letters = np.array(self.words, f"S{longest}").view(np.uint8).reshape(len(self.words), longest)
        path = _paths(letters, lengths)
        nodes = int(path.max()) + 1
        self.letter: Numbers = np.full(nodes, -1, np.int32)  # (nodes,), 0 for A; the root has none
        parent = np.zeros(nodes, np.int32)
        for depth in range(1, longest + 1):
            rows = np.flatnonzero(lengths >= depth)
            self.letter[path[rows, depth]] = letters[rows, depth - 1].astype(np.int32) - ord("A")
            parent[path[rows, depth]] = path[rows, depth - 1]
        self.children: Numbers = np.bincount(parent[1:], minlength=nodes).astype(np.int32)  # how many, (nodes,)
        self.first_child: Numbers = (1 + np.cumsum(self.children) - self.children).astype(np.int32)  # (nodes,)
        self.word: Numbers = np.full(nodes, -1, np.int32)  # the number of the word that ends here, (nodes,)
        self.word[path[np.arange(len(self.words)), lengths]] = np.arange(len(self.words))
        self.best, self.longer = self._prospects(path, lengths, nodes)

    def _prospects(self, path: Numbers, lengths: npt.NDArray[np.int_], nodes: int) -> tuple[Floats, Numbers]:
        """The log share of the likeliest word from each node on, (nodes,), and the numbers of the likeliest longer ones.

        The second is (nodes, COMPLETIONS), likeliest first, -1 where there are no more.
        """
        best = np.full(nodes, -np.inf, np.float32)
        longer = np.full((nodes, COMPLETIONS), -1, np.int32)
        by_share = np.argsort(-self.log_shares, kind="stable")
        for depth in range(path.shape[1]):
            rows = by_share[lengths[by_share] >= depth]
            np.maximum.at(best, path[rows, depth], self.log_shares[rows])
            rows = rows[lengths[rows] > depth]
            rows = rows[np.argsort(path[rows, depth], kind="stable")]  # node by node, the likeliest first
            at = path[rows, depth]
            starts = np.flatnonzero(np.diff(at, prepend=-1))
            place = np.arange(len(at)) - np.repeat(starts, np.diff(starts, append=len(at)))
            kept = place < COMPLETIONS
            longer[at[kept], place[kept]] = rows[kept]
        return best, longer


def _paths(letters: npt.NDArray[np.uint8], lengths: npt.NDArray[np.int_]) -> Numbers:
    """The nodes on the way to each word, the root first; what lies beyond a word's end means nothing.

    letters: (words, longest), sorted, zeros after a word's end. Returns (words, longest + 1).
    """
    differs = np.ones(letters.shape, np.bool_)
    differs[1:] = np.logical_or.accumulate(letters[1:] != letters[:-1], axis=1)
    path = np.zeros((len(letters), letters.shape[1] + 1), np.int32)
    made = 1
    for depth in range(1, letters.shape[1] + 1):
        new = differs[:, depth - 1] & (lengths >= depth)
        path[:, depth] = made - 1 + np.cumsum(new)
        made += int(new.sum())
    return path
