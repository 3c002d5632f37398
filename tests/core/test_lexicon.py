"""A word list as a trie: every word can be walked to, and every beginning knows its likeliest ends."""

import numpy as np

from webapp.core.lexicon import ALPHABET, Lexicon

WEIGHTS = {"A": 5.0, "AN": 3.0, "AND": 4.0, "ANT": 1.0, "ANTS": 0.5, "B": 1.0, "BEE": 2.0}


def walk(lexicon: Lexicon, word: str) -> int | None:
    """The node that the letters lead to."""
    node = 0
    for letter in word:
        below = range(lexicon.first_child[node], lexicon.first_child[node] + lexicon.children[node])
        found = [child for child in below if ALPHABET[lexicon.letter[child]] == letter]
        if not found:
            return None
        (node,) = found
    return node


def test_every_word_is_where_its_letters_lead_and_no_other() -> None:
    lexicon = Lexicon(WEIGHTS)
    for word in WEIGHTS:
        node = walk(lexicon, word)
        assert node is not None
        assert lexicon.words[lexicon.word[node]] == word
    assert walk(lexicon, "ANTE") is None
    assert lexicon.word[walk(lexicon, "BE")] == -1
    assert len(lexicon.letter) == 1 + len({word[:end] for word in WEIGHTS for end in range(1, len(word) + 1)})


def test_shares_add_up_to_one() -> None:
    lexicon = Lexicon(WEIGHTS)
    assert np.exp(lexicon.log_shares).sum() == np.float32(1)
    assert lexicon.log_shares[lexicon.words.index("A")] == lexicon.log_shares.max()


def test_a_beginning_knows_its_likeliest_longer_words() -> None:
    lexicon = Lexicon(WEIGHTS)

    def longer(beginning: str) -> list[str]:
        return [lexicon.words[number] for number in lexicon.longer[walk(lexicon, beginning)] if number >= 0]

    assert longer("") == ["A", "AND", "AN"]
    assert longer("AN") == ["AND", "ANT", "ANTS"]
    assert longer("B") == ["BEE"]
    assert longer("AND") == []


def test_the_outlook_of_a_beginning_is_its_likeliest_word_itself_included() -> None:
    lexicon = Lexicon(WEIGHTS)
    share = dict(zip(lexicon.words, lexicon.log_shares, strict=True))
    assert lexicon.best[walk(lexicon, "AN")] == share["AND"]
    assert lexicon.best[walk(lexicon, "A")] == share["A"]
    assert lexicon.best[0] == share["A"]


def test_a_list_of_one_word_is_a_list() -> None:
    lexicon = Lexicon({"Z": 1.0})
    assert lexicon.words[lexicon.word[walk(lexicon, "Z")]] == "Z"
