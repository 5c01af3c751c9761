"""Every promise about word forms."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from language.forms import LANGUAGES, forms
from language.forms_cache import FormsCache
from language.words import fold


@pytest.mark.parametrize(
    ("term", "lang", "expected"),
    [
        ("sanction", "en", {"sanction", "sanctions", "sanctioned", "sanctioning"}),
        ("talks", "en", {"talk", "talks"}),
        ("embassy", "en", {"embassy", "embassies"}),
        ("spy", "en", {"spy", "spies", "spied", "spying"}),
        ("swap", "en", {"swaps", "swapped", "swapping"}),
        ("strike", "en", {"strikes", "struck", "striking"}),
        ("spokesman", "en", {"spokesmen"}),
        ("missile strike", "en", {"missile strikes"}),
        ("Россия", "ru", {"россия", "россии", "россию", "россией"}),
        ("Путин", "ru", {"путин", "путина", "путину", "путиным", "путине"}),
        ("Песков", "ru", {"пескова", "песковым"}),
        ("Захарова", "ru", {"захарова", "захаровой", "захарову"}),
        ("Вашингтон", "ru", {"вашингтон", "вашингтона", "вашингтоном", "вашингтоне"}),
        ("Белый дом", "ru", {"белый дом", "белого дома", "белому дому", "белым домом", "белом доме"}),
        ("Владимир Путин", "ru", {"владимира путина", "владимиром путиным"}),
        ("Министерство обороны", "ru", {"министерства обороны", "министерстве обороны"}),
        ("Северный поток", "ru", {"северного потока", "северным потоком"}),
        ("ядерное оружие", "ru", {"ядерного оружия", "ядерным оружием"}),
        ("Госдеп", "ru", {"госдепа", "госдепе"}),
        ("Уиткофф", "ru", {"уиткоффа", "уиткоффом"}),
        ("Рубио", "ru", {"рубио"}),
        ("США", "ru", {"сша"}),
        ("ракета", "ru", {"ракеты", "ракет", "ракетами"}),
        ("Росія", "uk", {"росія", "росії", "росію", "росією"}),
        ("Путін", "uk", {"путіна", "путіну", "путіним"}),
        ("Білий дім", "uk", {"білий дім", "білого дому", "білому домі"}),
        ("Володимир Путін", "uk", {"володимира путіна", "володимиром путіним"}),
        ("Sanktion", "de", {"sanktion", "sanktionen"}),
        ("russisch", "de", {"russische", "russischen", "russischer"}),
        ("américain", "fr", {"américain", "américaine", "américains"}),
        ("ruso", "es", {"ruso", "rusa", "rusos", "rusas"}),
        ("sanción", "es", {"sanción", "sanciones"}),
    ],
)
def test_a_term_has_these_forms(term: str, lang: str, expected: set[str]) -> None:
    assert expected <= forms(term, lang)


@pytest.mark.parametrize(
    ("term", "lang", "wrong"),
    [
        ("Белый дом", "ru", "белого дом"),
        ("Путин", "ru", "путиной"),
        ("Захарова", "ru", "захаровым"),
        ("США", "ru", "сшам"),
        ("missile strike", "en", "missile striking"),
        ("US", "en", "used"),
        ("новая газета", "ru", "новейшая газета"),
    ],
)
def test_what_is_another_word_is_no_form(term: str, lang: str, wrong: str) -> None:
    assert wrong not in forms(term, lang)


def test_without_a_language_the_script_decides() -> None:
    assert forms("Трамп", "") == forms("Трамп", "ru") | forms("Трамп", "uk")
    assert forms("treaty", "") == forms("treaty", "en")


@given(st.text(alphabet="abс дёЁж'’-.Aы", max_size=12), st.sampled_from(["", *LANGUAGES]))
def test_a_term_is_among_its_folded_forms(term: str, lang: str) -> None:
    found = forms(term, lang)
    assert fold(term).strip() in found
    assert all(form == fold(form) for form in found)


def test_forms_are_remembered_between_starts(tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    first = FormsCache(folder)
    made = first.forms("договор", "ru")
    first.save()
    (file,) = folder.iterdir()
    file.write_text(file.read_text(encoding="utf-8").replace('"договора"', '"запомнено"'), encoding="utf-8")
    assert FormsCache(folder).forms("договор", "ru") == made - {"договора"} | {"запомнено"}


def test_a_broken_cache_costs_time_only(tmp_path: Path) -> None:
    folder = tmp_path
    cache = FormsCache(folder)
    cache.forms("treaty", "en")
    cache.save()
    (file,) = folder.iterdir()
    file.write_text("{", encoding="utf-8")
    assert "treaties" in FormsCache(folder).forms("treaty", "en")


@pytest.mark.parametrize(
    ("phrase", "lang"),
    [
        (" ".join(["красивая"] * 11 + ["ракета"]), "ru"),
        (" ".join(["гарна"] * 11 + ["ракета"]), "uk"),
        (" ".join(["russisch"] * 12), "de"),
        (" ".join(["sanción"] * 12), "es"),
        (" ".join(["missile"] * 12), "en"),
    ],
)
def test_a_long_phrase_has_no_thousands_of_forms(phrase: str, lang: str) -> None:
    assert len(forms(phrase, lang)) < 1_000
