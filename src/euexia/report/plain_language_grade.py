"""How hard a text is to read: the Flesch-Kincaid grade."""

from __future__ import annotations

import re
from collections.abc import Iterable

SENTENCE, WORD = re.compile(r"[.!?]+(?=\s|$)"), re.compile(r"[A-Za-z']+|\d+(?:[.,]\d+)?")
VOWELS = re.compile(r"[aeiouy]+")
PER_SENTENCE, PER_WORD, OFFSET = 0.39, 11.8, 15.59
"""The three numbers of the formula (Kincaid et al. 1975)."""
SILENT = ("le", "ie", "ee", "ye", "oe")


def syllables(word: str) -> int:
    """Return about how many syllables an English word has: its groups of vowels, a silent e apart."""
    plain = word.lower()
    if plain[:1].isdigit():
        return 1
    found = len(VOWELS.findall(plain))
    if plain.endswith("e") and found > 1 and not plain.endswith(SILENT):
        found -= 1
    if plain.endswith("ed") and found > 1 and not plain.endswith(("ted", "ded")):
        found -= 1
    return max(found, 1)


def reading_grade(sentences: Iterable[str]) -> float:
    r"""Return the school grade in which a text can be read.

    .. math:: 0.39 \frac{words}{sentences} + 11.8 \frac{syllables}{words} - 15.59

    sentences: passages; each ends a sentence, and may hold several.
    """
    words: list[str] = []
    count = 0
    for passage in sentences:
        found = WORD.findall(passage)
        if found:
            words += found
            count += max(1, len(SENTENCE.findall(passage)))
    if not words:
        return 0.0
    spoken = sum(syllables(word) for word in words)
    return PER_SENTENCE * len(words) / count + PER_WORD * spoken / len(words) - OFFSET
