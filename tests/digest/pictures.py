"""Pictures of the digest for docs/, taken with Chromium: `python -m tests.digest.pictures`

`digest-…` is what `hotline demo` mails. `established-…` and `empty-…` are the invented days of samples.py:
an archive of two weeks, with its chart, updates and an alert, and a day without news. Georgia and the
system's face are stood in for by PT Serif and Inter where those are installed (Debian: fonts-paratype
fonts-inter).
"""

from __future__ import annotations

import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, sync_playwright

from digest.fitting import fit
from hotline.demo.tour import take_tour
from tests.digest.samples import EMPTY, FRAME, NORMAL

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "pictures"
_STAND_INS = (("Georgia", "'PT Serif',Georgia"), ("-apple-system", "Inter,-apple-system"))


def main() -> None:
    """Take all pictures and say where they are."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    days = {
        "digest": _demo(),
        "established": fit(NORMAL, FRAME)[1].html,
    }
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for name, html in days.items():
            for width in (360, 680):
                for scheme in ("light", "dark"):
                    _take(browser, html, name=f"{name}-{scheme}-{width}", width=width, scheme=scheme)
        _take(browser, fit(EMPTY, FRAME)[1].html, name="empty-light-680", height=560)
        browser.close()
    sys.stdout.write(f"pictures are in {FOLDER}\n")


def _demo() -> str:
    with TemporaryDirectory() as folder:
        return take_tour(Path(folder), now=datetime.now(UTC), say=lambda line: None).issue.rendered.html


def _take(
    browser: Browser, html: str, *, name: str, width: int = 680, height: int = 1080, scheme: str = "light"
) -> None:
    for face, stand_in in _STAND_INS:
        html = html.replace(face, stand_in)
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if scheme == "dark" else "light",
        offline=True,
    )
    page = context.new_page()
    page.set_content(html)
    page.screenshot(path=FOLDER / f"{name}.png")
    context.close()


if __name__ == "__main__":
    main()
