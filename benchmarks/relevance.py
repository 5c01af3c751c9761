"""How well articles are chosen: `python -m benchmarks.relevance FILE.jsonl`.

Each line is {id, title, summary, text, lang, label}; label 2 against 0 is scored, 1 left out. The
figures of the shipped topic come first, with every error and its reason. The weights of its signals
were fitted on labelled articles, so the honest figure is the cross-validated one below: the same
signals, the weights fitted anew without the tenth of the file that they are tried on. Last, the speed
beside a plain `re` alternation of the same forms. The last line is JSON.
"""

from __future__ import annotations

import argparse
import json
import re
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from language.clean import clean_lines, clean_text
from topics.config import shipped_topics
from topics.document import Document, Match
from topics.lists import shipped_lists
from topics.matcher import Matcher, compile_topic

Row = dict[str, Any]
Truth = NDArray[np.bool_]
_TOPIC = "us-russia"
_FOLDS = 10
_ROUNDS = 5
_STRENGTH = 2.0  # inverse of the penalty on large weights
_ARTICLES = 10_000
_LENGTH = 3_000  # characters
_RE_SECONDS = 10.0  # the alternation is slow; what it manages in this time is enough to know its speed


def main() -> None:
    """Print the figures, the errors, and the figures again as JSON."""
    options = _options()
    rows = read_rows(options.file)
    matcher, costs = compiled()
    matches = [matcher.match(document_of(row)) for row in rows]
    truth = np.array([row["label"] == 2 for row in rows])
    figures: dict[str, Any] = {"articles": len(rows)}
    figures |= by_language("", rows, truth, np.array([match.matched for match in matches]))
    if not options.quick:
        figures |= by_language("cross_validated_", rows, truth, cross_validated(matcher, rows, truth))
        figures |= costs | speed(rows, matcher)
    for row, match in zip(rows, matches, strict=True):
        if match.matched != (row["label"] == 2):
            print(error_line(row, match))
    for name, value in figures.items():
        print(f"{name:40} {value}")
    print(json.dumps(figures))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.relevance", description=__doc__)
    parser.add_argument("file", type=Path, help="labelled articles, a JSON object a line")
    parser.add_argument("--quick", action="store_true", help="no cross-validation, no speed")
    return parser.parse_args()


def compiled() -> tuple[Matcher, dict[str, float]]:
    """The shipped topic, and what compiling it costs: from nothing, and with the forms remembered."""
    topic, lists = shipped_topics()[_TOPIC], shipped_lists()
    with TemporaryDirectory() as folder:
        started = time.process_time()
        matcher = compile_topic(topic, lists, cache=Path(folder))
        cold = time.process_time() - started
        started = time.process_time()
        compile_topic(topic, lists, cache=Path(folder))
        warm = time.process_time() - started
    return matcher, {"compile_seconds": round(cold, 3), "compile_cached_seconds": round(warm, 3)}


def read_rows(path: Path) -> list[Row]:
    """The articles that can be scored: those an editor could judge either way are left out."""
    with path.open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines if line.strip()]
    return [row for row in rows if row.get("label") in {0, 2}]


def document_of(row: Row) -> Document:
    """The article as the crawler would hand it over: clean; the language is detected."""
    return Document(
        title=clean_text(row.get("title") or ""),
        summary=clean_lines(row.get("summary") or ""),
        text=clean_lines(row.get("text") or ""),
    )


def by_language(prefix: str, rows: Sequence[Row], truth: Truth, said: Truth) -> dict[str, float]:
    """Precision, recall and F1 overall and for each language that has something to find."""
    figures = _figures(prefix, truth, said)
    spoken = np.array([row["lang"] for row in rows])
    for lang in sorted(set(spoken)):
        if truth[spoken == lang].any():
            figures |= _figures(f"{prefix}{lang}_", truth[spoken == lang], said[spoken == lang])
    return figures


def _figures(prefix: str, truth: Truth, said: Truth) -> dict[str, float]:
    both = int((truth & said).sum())
    precision = both / max(1, int(said.sum()))
    recall = both / max(1, int(truth.sum()))
    f1 = 2 * precision * recall / max(1e-9, precision + recall)
    named = {"precision": precision, "recall": recall, "f1": f1}
    return {f"{prefix}{name}": round(value, 4) for name, value in named.items()}


def error_line(row: Row, match: Match) -> str:
    """One line for an article judged wrongly: what was said, the title, why."""
    kind = "wrong" if match.matched else "missed"
    found = ", ".join(dict.fromkeys(hit.found for hit in match.hits[:12]))
    return (
        f"{kind:6} {match.score:3} {row['lang']} {(row.get('title') or '')[:90]} | {match.reason} | {found}"
    )


def cross_validated(matcher: Matcher, rows: Sequence[Row], truth: Truth, *, rounds: int = _ROUNDS) -> Truth:
    """What weights say that never saw the article: fitted on nine tenths, tried on the tenth.

    The majority of `rounds` random divisions decides for each article.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold

    values, passes = _evidence(matcher, rows)
    votes = np.zeros(len(rows))
    for seed in range(rounds):
        folds = StratifiedKFold(_FOLDS, shuffle=True, random_state=seed)
        for train, test in folds.split(values, truth):
            chosen = train[passes[train]]
            model = LogisticRegression(C=_STRENGTH, max_iter=5_000).fit(values[chosen], truth[chosen])
            votes[test] += model.predict_proba(values[test])[:, 1] >= 0.5
    said: Truth = (votes * 2 > rounds) & passes
    return said


def _evidence(matcher: Matcher, rows: Iterable[Row]) -> tuple[NDArray[np.float64], Truth]:
    """The signals' values for each article, and whether the topic's query holds at all."""
    readings = [matcher.read(document_of(row)) for row in rows]
    values = [[part.value for part in matcher.evidence(reading)] for reading in readings]
    return np.array(values), np.array([matcher.concerns(reading) for reading in readings])


def speed(rows: Sequence[Row], matcher: Matcher) -> dict[str, float]:
    """Megabytes of text a CPU second in one process: this matcher and a plain alternation of its forms."""
    articles = _articles(rows)
    size = sum(len(text.encode()) for text in articles) / 1e6
    started = time.process_time()
    for text in articles:
        matcher.match(Document(title=text[:80], text=text))
    ours = size / (time.process_time() - started)
    plain = _alternation_speed(matcher.lexicon.forms, articles)
    return {
        "forms": len(matcher.lexicon.forms),
        "megabytes_per_second": round(ours, 2),
        "articles_per_second": round(ours / size * len(articles)),
        "re_megabytes_per_second": round(plain, 3),
        "times_re": round(ours / plain, 1),
    }


def _articles(rows: Sequence[Row]) -> list[str]:
    """Ten thousand texts of three thousand characters, cut from the file's texts in turn."""
    texts = [clean_lines(row["text"]) for row in rows if row.get("text")]
    pool = "\n".join(texts)
    step = max(1, (len(pool) - _LENGTH) // _ARTICLES)
    return [pool[at * step : at * step + _LENGTH] for at in range(_ARTICLES)]


def _alternation_speed(forms: Sequence[str], articles: Sequence[str]) -> float:
    longest_first = sorted(forms, key=len, reverse=True)
    pattern = re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, longest_first)) + r")(?!\w)")
    read = 0
    started = time.process_time()
    for text in articles:
        pattern.findall(text.lower())
        read += len(text.encode())
        if time.process_time() - started > _RE_SECONDS:
            break
    return read / 1e6 / (time.process_time() - started)


if __name__ == "__main__":
    main()
