"""How common a term is in the news at large, as far as it is common at all (frequencies.txt)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from storage.corpus.stories import term_key


@cache
def usual_shares() -> Mapping[int, float]:
    """Share of articles that have a term (by its key), 0–1; terms below four in a thousand are left out.

    Counted over the titles and summaries of recorded English and Russian feeds, and of articles on
    this subject, whichever is more: here Trump is no rarer a word than "president" elsewhere.
    """
    text = files("storage.corpus").joinpath("frequencies.txt").read_text(encoding="utf-8")
    lines = (line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    return {term_key(term): int(per_mille) / 1000 for term, per_mille in lines}
