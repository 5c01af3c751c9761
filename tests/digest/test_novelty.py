from __future__ import annotations

import pytest

from digest.novelty import new_material

TOLD = (
    "Envoy Carl Brandt flew to Oslo on Monday with a list of 31 prisoners. "
    "“We have a list and we have a date,” Brandt said. The Kremlin confirmed the visit of Mr. Brandt."
)


@pytest.mark.parametrize(
    "later",
    [
        TOLD,
        "In Oslo, envoy Carl Brandt presented a list with 31 prisoners, the Kremlin confirmed.",
        "Brandt: “We have a list and we have a date”. He flew to Oslo.",
        "The visit took place on 16 November 2026, a spokesman said.",
        "",
    ],
)
def test_a_rewording_brings_nothing_new(later: str) -> None:
    assert new_material([TOLD], [later]) == ()


@pytest.mark.parametrize(
    ("later", "piece"),
    [
        ("“Nobody goes home before Friday,” he said.", "“Nobody goes home before Friday”"),
        ("The list grew to 44 prisoners, and Sweden offered 2 planes.", "44 prisoners"),
        ("The talks moved to Helsinki, where Minister Ala Korhonen joined them.", "Helsinki"),
    ],
)
def test_quotes_numbers_and_names_are_new_material(later: str, piece: str) -> None:
    assert piece in new_material([TOLD], [later])


def test_one_new_name_alone_is_too_little() -> None:
    assert new_material([TOLD], ["The envoy of Norway was there, too."]) == ()


def test_russian_cases_of_a_known_name_are_not_new() -> None:
    told = "Посланник Карл Брандт прибыл в Осло и встретился с министром Соколовым. В Кремле это подтвердили."
    later = "О визите Карла Брандта рассказали в Осло. Он говорил с Соколовым и верит Кремлю."
    assert new_material([told], [later]) == ()


def test_across_scripts_only_numbers_count() -> None:
    translated = "Посланник Карл Брандт вылетел в Осло со списком из 31 заключённого, сообщили журналистам."
    assert new_material([TOLD], [translated]) == ()
    grown = translated + " Список вырос до 44 человек, предложены 7 самолётов и 12 автобусов."
    assert new_material([TOLD], [grown])
