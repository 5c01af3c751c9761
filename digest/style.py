"""How the mail looks: one map from a role to its inline declarations, and what cannot be inlined.

Mail clients drop `<style>` in many places, so every role carries its light look inline; the style
block adds only phones and dark mode. Sizes, colours and their contrast (WCAG AA on both grounds) are
explained in docs/decisions/digest-look.md. Outlook wants a space before `!important`.
"""

from __future__ import annotations

from markupsafe import Markup

_SERIF = "Georgia,'Times New Roman',serif"
_SANS = "-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"
_INK = "#15191f"
_MUTED = "#59626f"
_NAVY = "#12284b"
_BAR = "font-size:0;line-height:0"

STYLES = {
    "page": "margin:0;padding:0;background-color:#e9ecf1",
    "card": "max-width:640px;word-break:break-word;background-color:#ffffff;"
    f"color:{_INK};font-family:{_SANS}",
    "mast": f"padding:24px 32px 22px;background-color:{_NAVY}",
    "name": f"margin:0;font:700 26px/30px {_SERIF};color:#ffffff",
    "date": "margin:4px 0 0;font-size:14px;line-height:20px;color:#c9d6ea",
    "row": "padding:18px 32px 0",
    "sec": "padding:32px 32px 0",
    "num": f"padding:16px 10px 0 32px;white-space:nowrap;font-size:13px;line-height:23px;color:{_MUTED}",
    "item": "padding:16px 32px 0 0",
    "big": f"margin:0 0 3px;font:700 21px/26px {_SERIF}",
    "mid": f"margin:0 0 3px;font:700 17px/23px {_SERIF}",
    "low": f"margin:0;font:700 15px/21px {_SERIF}",
    "title": f"color:{_INK};text-decoration:none",
    "meta": f"margin:0 0 4px;font-size:13px;line-height:19px;color:{_MUTED}",
    "foot": f"margin:4px 0;font-size:13px;line-height:19px;color:{_MUTED}",
    "ink": f"color:{_INK}",
    "text": f"margin:0;font-size:15px;line-height:22px;color:{_INK}",
    "also": f"color:{_MUTED}",
    "link": "color:#1a4d8f",
    "term": "background-color:#fff1bf",
    "chip": "background-color:#e8edf4;color:#33415c;border-radius:3px;font-size:12px;white-space:nowrap",
    "new": "margin:0 0 4px;padding:0 0 0 8px;border-left:3px solid #2f7d55;"
    f"font-size:13px;line-height:19px;color:{_INK}",
    "label": "color:#1d6340",
    "head": f"margin:0;padding:10px 0 0;border-top:3px solid {_NAVY};font-size:14px;line-height:20px;"
    f"text-transform:uppercase;letter-spacing:1px;color:{_INK}",
    "count": f"font-weight:400;color:{_MUTED}",
    "tick": f"font-size:11px;line-height:14px;color:{_MUTED}",
    "bar": f"background-color:#6b7a90;{_BAR}",
    "rest": f"background-color:#8894a6;{_BAR}",
    "now": f"background-color:#b3331f;{_BAR}",
    "gap": _BAR,
    "warn": "padding:12px 16px;background-color:#fff6dd;border-left:4px solid #d99a00;"
    "font-size:13px;line-height:20px;color:#3d2e00",
}

_PHONE = {
    "row": "padding-left:16px;padding-right:16px",
    "sec": "padding-left:16px;padding-right:16px",
    "mast": "padding-left:16px;padding-right:16px",
    "num": "padding-left:16px;padding-right:8px",
    "item": "padding-right:16px",
    "big": "font-size:19px;line-height:24px",
}

_DARK = {
    "page": "background-color:#0c0f13",
    "card": "background-color:#15191f;color:#e7eaef",
    "mast": "background-color:#1b2a44",
    "title": "color:#e7eaef",
    "text": "color:#e7eaef",
    "head": "color:#e7eaef;border-color:#4a6390",
    "ink": "color:#e7eaef",
    "meta": "color:#a3adba",
    "foot": "color:#a3adba",
    "also": "color:#a3adba",
    "num": "color:#a3adba",
    "count": "color:#a3adba",
    "tick": "color:#a3adba",
    "link": "color:#8fbcff",
    "term": "background-color:#4b3d0a;color:#ffe8a8",
    "chip": "background-color:#232a35;color:#c5d0e0",
    "new": "color:#e7eaef;border-color:#4f9d76",
    "label": "color:#7fd0a5",
    "bar": "background-color:#7d8a98",
    "rest": "background-color:#66727f",
    "now": "background-color:#ff8f78",
    "warn": "background-color:#2b2410;color:#f3e3b0",
}


def css(*roles: str, extra: str = "") -> Markup:
    """Return the class and style attributes for `roles`; `extra` declarations come last.

    A class is written only where phones or dark mode change the role.
    """
    classes = " ".join(role for role in roles if role in _PHONE or role in _DARK)
    declarations = ";".join([*(STYLES[role] for role in roles), *filter(None, [extra])])
    named = f' class="{classes}"' if classes else ""
    return Markup(f'{named} style="{declarations}"')  # noqa: S704 (our own constants)


def style_block() -> Markup:
    """Return the rules for phones and dark mode."""
    return Markup(  # noqa: S704 (our own constants)
        ":root{color-scheme:light dark}\n"
        f"@media (max-width:600px){{{_rules(_PHONE)}}}\n"
        f"@media (prefers-color-scheme:dark){{{_rules(_DARK)}}}"
    )


def _rules(roles: dict[str, str]) -> str:
    return "".join(
        f".{role}{{{';'.join(f'{part} !important' for part in declarations.split(';'))}}}"
        for role, declarations in roles.items()
    )
