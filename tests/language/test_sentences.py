from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from language.sentences import sentence_spans, split_sentences


@pytest.mark.parametrize(
    "sentences",
    [
        ["The envoy left Moscow.", "Talks resume on Monday!", "Will they?", "Nobody knows…"],
        ["Gen. Harlan Reed met Sen. Dale Orr in Washington, D.C. on Jan. 12.", "They spoke for an hour."],
        ["The U.S. Treasury acted.", "Officials in the U.S. Senate agreed."],
        ["It was made in the U.S.", "The firm denied it."],
        ["“We are ready.”", "“So are they,” she said."],
        ["Prices rose 3.5 percent.", "12 banks closed."],
        ["Экспорт вырос на 3 млн.", "Но цены упали."],
        ["В 2024 г. Россия и США провели встречу.", "«Мы готовы», — сказал А. В. Соколов."],
        ["Речь идёт о нефти, газе и т.д.", "В Москве это подтвердили."],
        ["Курс достиг 90 руб. Минфин молчит."],
        ["Переговори тривали до 2025 р. Україна чекає.", "Це все."],
        ["He owns Acme Corp. and lives at 5 St. James Road.", "She does not."],
        ["— Нет.", "— Да."],
        ["It rained.", "Gen. Orr left.", "А. В. Новак молчал."],
        ["FORT BRAGG, N.C. — The unit left.", "J.D. Rowe stayed."],
    ],
)
def test_sentences_are_found_again(sentences: list[str]) -> None:
    assert split_sentences(" ".join(sentences)) == sentences


def test_a_line_end_is_a_sentence_end() -> None:
    assert split_sentences("Headline without a stop\nFirst words.") == [
        "Headline without a stop",
        "First words.",
    ]


@given(st.text(alphabet="AbвГ1.?!… \n“”«»(—", max_size=60))
def test_spans_cover_everything_but_white_space_once(text: str) -> None:
    spans = list(sentence_spans(text))
    assert all(before[1] <= after[0] for before, after in pairwise(spans))
    assert "".join("".join(text[a:b].split()) for a, b in spans) == "".join(text.split())
