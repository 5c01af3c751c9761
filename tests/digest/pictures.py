"""Pictures of the digest for docs/, taken with Chromium.

    python -m tests.digest.pictures [FILE.html]

Without a file they show the invented day of tests/digest/samples.py, with one the digest it holds,
such as that of `hotline demo`. Georgia and the system's face are stood in for by PT Serif and Inter
where those are installed (Debian: fonts-paratype fonts-inter).
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from digest.fitting import fit
from tests.digest.samples import EMPTY, FRAME, NORMAL

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "pictures"
HEIGHTS = {680: 1080, 360: 1080}
_STAND_INS = (("Georgia", "'PT Serif',Georgia"), ("-apple-system", "Inter,-apple-system"))


def main(arguments: list[str]) -> None:
    """Take all pictures and say where they are."""
    html = Path(arguments[0]).read_text(encoding="utf-8") if arguments else fit(NORMAL, FRAME)[1].html
    FOLDER.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for width, height in HEIGHTS.items():
            for scheme in ("light", "dark"):
                context = browser.new_context(
                    viewport={"width": width, "height": height}, color_scheme=scheme, offline=True
                )
                page = context.new_page()
                page.set_content(_with_stand_ins(html))
                page.screenshot(path=FOLDER / f"digest-{scheme}-{width}.png")
                context.close()
        page = browser.new_page(viewport={"width": 680, "height": 560})
        page.set_content(_with_stand_ins(fit(EMPTY, FRAME)[1].html))
        page.screenshot(path=FOLDER / "digest-empty-680.png")
        browser.close()
    print(f"pictures are in {FOLDER}")


def _with_stand_ins(html: str) -> str:
    for name, stand_in in _STAND_INS:
        html = html.replace(name, stand_in)
    return html


if __name__ == "__main__":
    main(sys.argv[1:])
