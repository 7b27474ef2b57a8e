"""Text never becomes markup: escaping, addresses, elements and buttons, for any text and for the attacks."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.interface.markup import Html, button, joined, link, tag, text
from tests.assistant.interface.page_parts import PAYLOADS, TEMPLATES, attack_texts, read, skeleton

LIVE = set("<>\"'`${}")
"""Characters that HTML, attributes or the page's templates read as more than text."""


@given(st.text())
def test_any_text_is_shown_as_it_is_and_says_nothing_to_a_browser(said: str) -> None:
    shown = text(said)
    assert not LIVE & set(shown)
    plain = said.replace("\r\n", "\n").replace("\r", "\n")
    assert "".join(read(tag("p", shown)).words).replace("\r\n", "\n").replace("\r", "\n") == plain
    assert read(tag("p", title=said)).elements == [("p", {"title": said})]


@pytest.mark.parametrize("said", TEMPLATES)
def test_no_template_survives(said: str) -> None:
    shown = text(said)
    assert not LIVE & set(shown)
    assert skeleton(tag("p", shown)) == [("p", ())]


def test_the_shared_attacks_are_text() -> None:
    if not PAYLOADS.is_file():
        pytest.skip("the shared attack texts are not on this machine")
    for said in attack_texts():
        assert not LIVE & set(text(said))
        assert skeleton(button(said, "say", {"text": said})) == skeleton(button("x", "say", {"text": "x"}))


def test_what_is_not_text_is_written_as_text() -> None:
    assert text(12) == "12"
    assert text("€5 & more") == "€5 &amp; more"


@pytest.mark.parametrize(
    "url", ["http://shop.example/a", "https://shop.example/a?b=c&d=%20#e", "HTTPS://SHOP.example", "/media/a-1.svg", "/"]
)
def test_addresses_of_pages_and_of_ours_stand(url: str) -> None:
    assert link(url) == url


@pytest.mark.parametrize(
    "url",
    [
        None, "", "javascript:alert(1)", "JaVaScRiPt:alert(1)", " javascript:alert(1)", "data:text/html,x", "vbscript:x", "file:///etc/passwd",
        "//evil.example", "/\\evil.example", "\\\\evil.example", "/\t/evil.example", "/\n/evil.example", "http:\\\\evil.example",
        "https://a.example/\x00", "ht\ntp://a.example", "media/a.svg", "about:blank", "blob:http://a", " /media/a.svg",
    ],
)  # fmt: skip
def test_all_other_addresses_are_left_out(url: str | None) -> None:
    assert link(url) is None


@given(st.text())
def test_an_address_that_stands_is_one_of_three_forms(url: str) -> None:
    kept = link(url)
    assert kept in (None, url)
    if kept is not None:
        assert kept.lower().startswith(("http://", "https://")) or (kept.startswith("/") and kept[1:2] not in ("/", "\\"))
        assert not any(char <= " " for char in kept)


def test_elements() -> None:
    assert tag("p", text("a"), tag("b", text("c")), class_="x", data_act="y", hidden=True, id=None, open=False) == (
        '<p class="x" data-act="y" hidden>a<b>c</b></p>'
    )
    assert tag("img", src="/a", alt="") == '<img src="/a" alt="">'
    assert tag("td") == "<td></td>"
    assert joined((Html("<b></b>"), None, Html(""), Html("c"))) == "<b></b>c"


def test_a_button_says_what_it_does() -> None:
    [(element, attributes)] = read(button("Say it", "say", {"text": 'a "b" {c} </d>', "n": 1}, class_="x")).elements
    assert element == "button"
    assert attributes["type"] == "button"
    assert attributes["class"] == "x"
    assert json.loads(attributes["data-act"] or "") == {"act": "say", "text": 'a "b" {c} </d>', "n": 1}
    assert json.loads(read(button("x", "undo")).elements[0][1]["data-act"] or "") == {"act": "undo"}


def test_data_cannot_make_a_button_do_something_else() -> None:
    payload = read(button("x", "up", {"act": "forget_me"})).elements[0][1]["data-act"]
    assert json.loads(payload or "")["act"] == "up"


def test_an_icon_is_named_for_who_does_not_see_it() -> None:
    markup = button("I like <b>it</b>", "up", icon=Html("<svg></svg>"))
    [(_, attributes), (svg, _)] = read(markup).elements
    assert svg == "svg"
    assert attributes["aria-label"] == attributes["title"] == "I like <b>it</b>"


@given(st.text(), st.dictionaries(st.sampled_from(("text", "product_id")), st.text()))
def test_any_data_comes_back_from_a_button(label: str, data: dict[str, str]) -> None:
    [(_, attributes)] = read(button(label, "say", data)).elements
    assert json.loads(attributes["data-act"] or "") == {**data, "act": "say"}
