"""The language of headlines and articles."""

from __future__ import annotations

import pytest

from language.detect import detect


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("Trump warns Putin of severe consequences", "en"),
        ("Kremlin comments on US missile test", "en"),
        ("В Кремле ответили на слова президента", "ru"),
        ("У Києві відповіли на слова президента", "uk"),
        ("Байдэн і Пуцін правялі перамовы ў Жэневе, паведаміў Белы дом", "be"),
        ("Die Bundesregierung verschärft den Ton in der Debatte über Gasspeicher", "de"),
        ("Le président américain a rencontré son homologue à Genève", "fr"),
        ("El presidente de Estados Unidos se reunió con su homólogo", "es"),
        ("Prezydent spotkał się z ministrem spraw zagranicznych w Warszawie", "pl"),
        ("习近平会见俄罗斯总统", "zh"),
        ("プーチン大統領がアメリカの特使と会談した", "ja"),
        ("", ""),
        ("2026 — 12", ""),
    ],
)
def test_a_language_is_recognised(text: str, lang: str) -> None:
    assert detect(text) == lang


def test_a_hint_decides_only_where_the_text_does_not() -> None:
    assert detect("У Києві відповіли", hint="en") == "uk"
    assert detect("Путин, Трамп", hint="uk") == "uk"
    assert detect("12:30", hint="ru") == "ru"
    assert detect("The president said that the talks have ended with an accord", hint="de") == "en"
