"""The place and agency before the first word of a report: where it was written, not what it is about."""

from __future__ import annotations

import re

_MONTH = (
    r"(?:янв|фев|мар|апр|ма[яй]|июн|июл|авг|сен|окт|ноя|дек|січ|лют|бер|кві|тра|чер|лип|сер|вер|жов|лис|гру"
    r"|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)\w*\.?"
)
_NAME = r"[^\W\d_a-zа-яёіїєґ][\w.'’-]*"
_DATELINE = re.compile(
    rf"""\W*(?:\d\d?[:.]\d\d\s+)?
    (?: {_NAME}(?:[ ,/]+{_NAME}){{0,4}}\s*\([^()\n]{{2,24}}\)\s*[-–—:]      # WASHINGTON (Reuters) -
      | [^\W\d_a-zа-яёіїєґ]{{3,}}(?:[ /,.]+[^\W\d_a-zа-яёіїєґ]{{2,}}){{0,3}}\s*[-–—:]{{1,2}}\s  # MOSCOW --
      | {_NAME}(?:[ /]{_NAME})?[,.]\s+\d\d?\s+{_MONTH}                       # Москва, 17 мая
      | {_NAME}(?:[ /]{_NAME})?,\s+(?i:{_MONTH})\s+\d\d?\s*\([^()\n]{{2,24}}\)\s*[-–—]+  # ROME, Aug. 18 (X) -
      | {_NAME}(?:/{_NAME}){{0,2}}\s+[–—]\s                                  # Washington/Moskau –
    )""",
    re.VERBOSE,
)


def dateline_end(text: str) -> int:
    """Return the offset behind the dateline that `text` begins with; 0 where there is none."""
    found = _DATELINE.match(text[:120])
    return found.end() if found else 0
