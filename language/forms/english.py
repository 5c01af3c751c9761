"""English: rules and the irregular verbs of the news."""

from __future__ import annotations

_IRREGULAR_FORMS = """
become became; begin began begun; break broke broken; bring brought; build built; buy bought; catch caught;
choose chose chosen; come came; cut cutting; deal dealt; draw drew drawn; fall fell fallen; fight fought;
find found; fly flew flown; get got; give gave given; go went gone; grow grew grown; hold held; keep kept;
lead led; leave left; lose lost; make made; meet met; pay paid; say said; seek sought; sell sold; send sent;
shake shook shaken; shoot shot; sink sank sunk; speak spoke spoken; spend spent; spy spied; stand stood;
steal stole stolen; strike struck; swear swore sworn; take took taken; tell told; think thought;
throw threw thrown; win won; withdraw withdrew withdrawn; write wrote written; ally allied; crisis crises
"""
_IRREGULAR = {base: rest for base, *rest in (line.split() for line in _IRREGULAR_FORMS.split(";"))}
_VOWELS = "aeiou"


def english_forms(plain: str) -> frozenset[str]:
    """The forms of a folded word or phrase; a phrase inflects in its last word, and only as a noun
    (`missile strikes`, not `missile striking`)."""
    *before, last = plain.split() or [""]
    endings = _english_nouns(last) if before else _english_nouns(last) | _english_verbs(last)
    return frozenset(" ".join([*before, form]) for form in endings)


def _english_nouns(word: str) -> set[str]:
    if len(word) < 3 or not word.isalpha() or not word.isascii():
        return {word}
    base = _singular(word)
    if base.endswith("man"):
        return {word, base, base[:-3] + "men"}
    return {word, base, _with_s(base)}


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("ches", "shes", "sses", "xes", "zes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is", "news")):
        return word[:-1]
    return word


def _with_s(base: str) -> str:
    if base.endswith("y") and base[-2:-1] not in _VOWELS:
        return base[:-1] + "ies"
    if base.endswith(("s", "x", "z", "ch", "sh")):
        return base + "es"
    return base + "s"


def _english_verbs(word: str) -> set[str]:
    base = _singular(word)
    if len(base) < 3 or not base.isalpha() or not base.isascii():
        return set()
    if base.endswith("e"):
        made = {base + "d", base[:-1] + "ing"}
    elif base.endswith("y") and base[-2] not in _VOWELS:
        made = {base[:-1] + "ied", base + "ing"}
    else:
        made = {base + "ed", base + "ing"}
        if base[-1] not in _VOWELS + "wxy" and base[-2] in _VOWELS and base[-3] not in _VOWELS:
            made |= {base + base[-1] + "ed", base + base[-1] + "ing"}
    return made | set(_IRREGULAR.get(base, ()))
