"""The one place where text becomes HTML. Everything from the catalog, the shopper or a model passes through `text` or `attributes`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from html import escape
from typing import NewType

Html = NewType("Html", str)
"""Markup that is safe to show: made here from constant tags and escaped text, and nowhere else."""

_SAFE_SCHEMES = ("http://", "https://", "/")
_BENT = re.compile(r"[\x00-\x20\x7f\\]")
"""What browsers drop from an address or read as a slash (WHATWG URL, section 4.4): "/\\host" is another host's."""


def text(value: object) -> Html:
    """`value` as text, never as markup. `$` and braces are written as entities too: the page's templates read those."""
    escaped = escape(str(value), quote=True)
    for char, entity in (("$", "&#36;"), ("{", "&#123;"), ("}", "&#125;"), ("`", "&#96;")):
        escaped = escaped.replace(char, entity)
    return Html(escaped)


def link(url: str | None) -> str | None:
    """`url` where a page may point to it; None for script, data and all other schemes, and for what only looks like a path."""
    if url is None or _BENT.search(url) or url.startswith("//"):
        return None
    return url if url.lower().startswith(_SAFE_SCHEMES) else None


def tag(element: str, /, *children: str, **attributes: object) -> Html:
    """An element. Children are `Html`, already safe; attributes are escaped here, `class_` and the like lose their underscore, `_`
    inside becomes `-`; None leaves one out, True writes it bare."""
    written = []
    for key, value in attributes.items():
        label = key.rstrip("_").replace("_", "-")
        if value is True:
            written.append(f" {label}")
        elif value is not None and value is not False:
            written.append(f' {label}="{text(value)}"')
    opening = f"<{element}{''.join(written)}>"
    return Html(opening if element in ("img", "input", "br") else f"{opening}{''.join(children)}</{element}>")


def joined(parts: Iterable[str | None]) -> Html:
    """Several pieces of safe markup as one."""
    return Html("".join(part for part in parts if part))


def button(
    label: str, act: str, data: Mapping[str, object] | None = None, *, icon: Html | None = None, **attributes: object
) -> Html:
    """A button that tells the server `act` with `data` (JSON in an attribute) when it is pressed. Shows `icon` in place of the label,
    which is then read aloud and shown as a hint."""
    payload = json.dumps({**(data or {}), "act": act}, sort_keys=True)
    named = {"aria_label": label, "title": label} if icon is not None else {}
    return tag("button", icon or text(label), type="button", data_act=payload, **{**named, **attributes})


def _thumb(turned: str | None) -> Html:
    path = "M7 11v9H3v-9h4zm2 0 4-8c1.7 0 3 1.3 3 3l-.8 4H20c1.2 0 2.1 1.1 1.9 2.3l-1.1 6A2 2 0 0 1 18.8 20H9z"
    drawn = tag("path", d=path, transform=turned)
    return tag(
        "svg", drawn, viewBox="0 0 24 24", width="18", height="18", class_="sg-icon", aria_hidden="true", focusable="false"
    )


THUMB_UP = _thumb(None)
THUMB_DOWN = _thumb("rotate(180 12 12)")
