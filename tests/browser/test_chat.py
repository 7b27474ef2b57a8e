"""A shopper's way through the demo shop, in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

import app
from tests.browser.conftest import GRADIO_WARNS, PAST, OpenPage, answered, product_ids, reloaded, say, wishes

pytestmark = GRADIO_WARNS

WEDDING = "A red dress for a summer wedding, under 80 euro, not lace"
BLUE = "actually blue, and I'm a size M"


def test_wedding_then_blue_then_reload(page: Page, demo: app.Service) -> None:
    expect(page.locator(".sg-welcome")).to_contain_text("I am an AI shopping assistant")
    by_id, vocabulary = demo.retrieval.catalog.by_id, demo.retrieval.vocabulary
    turn = say(page, WEDDING)
    red = [by_id[key] for key in product_ids(turn)]
    assert len(red) >= 3
    for product, card in zip(red, turn.locator(".sg-card").all(), strict=True):
        assert product.price is not None
        assert product.price.amount_minor <= 8000
        assert set(product.colors) & vocabulary.expand("color", "red")
        assert product.product_type in vocabulary.expand("category", "dress")
        assert "lace" not in product.materials
        assert product.title in card.locator(".sg-words").inner_text()
        assert card.locator(".sg-check").count() >= 4
        assert card.locator("img").evaluate("image => image.complete || image.loading === 'lazy'")
    assert turn.locator(".sg-outfit .sg-strip li").count() >= 2
    expect(turn.locator(".sg-outfit h3")).to_contain_text(red[0].title)
    expect(turn.locator(".sg-receipt .sg-row-total")).to_contain_text("€")
    assert {"colour: red", "price: up to €80.00", "material: not lace"} <= set(wishes(page))

    turn = say(page, BLUE)
    blue = [by_id[key] for key in product_ids(turn)]
    assert blue
    assert not {product.product_id for product in blue} & {product.product_id for product in red}
    for product in blue:
        assert set(product.colors) & vocabulary.expand("color", "blue")
        assert any(size.label == "M" and size.in_stock for size in product.sizes)
    said = set(wishes(page))
    assert {"colour: blue", "size: size M"} <= said
    assert "colour: red" not in said
    assert 0 <= turn.locator(".sg-user").evaluate("line => line.getBoundingClientRect().top") <= 120

    before = page.locator(PAST).inner_text()
    reloaded(page)
    expect(page.locator(".sg-user")).to_have_text([WEDDING, BLUE])
    assert page.locator(PAST).inner_text() == before
    assert set(wishes(page)) == said


def test_thumbs_and_profile(page: Page, demo: app.Service) -> None:
    turn = say(page, WEDDING)
    liked, turned_down = product_ids(turn)[:2]
    turn.locator(".sg-card").nth(0).get_by_label("I like ").click()
    expect(page.get_by_text("1 liked, 0 turned down")).to_be_visible()
    down = turn.locator(".sg-card").nth(1).locator(".sg-down")
    down.locator("summary").click()
    down.get_by_role("button", name="Too dear").click()
    expect(page.get_by_text("1 liked, 1 turned down")).to_be_visible()
    key = reloaded(page)
    given = {each.product_id: (each.value, each.reason) for each in demo.sessions.record(*key).feedback}
    assert given == {liked: ("up", None), turned_down: ("down", "price")}

    page.get_by_label("Forget colour: red").click()
    expect(page.get_by_text("colour: red")).to_have_count(0)
    assert "red" not in [each.value for each in demo.sessions.profile(*key).preferences]
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("colour: red")).to_have_count(1)

    page.get_by_text("Add a wish").click()
    form = page.locator(".sg-form")
    form.locator("[name=slot]").select_option("material")
    form.locator("[name=value]").fill("linen")
    form.locator("[name=value]").press("Enter")
    expect(page.get_by_text("material: linen")).to_be_visible()
    expect(form).to_be_visible()
    form.locator("[name=value]").fill("<i>glorp</i>")
    form.get_by_role("button", name="Add").click()
    expect(page.get_by_text("“<i>glorp</i>” is no material that this shop knows")).to_be_visible()

    page.get_by_role("button", name="Forget me").click()
    expect(page.locator(".sg-welcome")).to_be_visible()
    expect(page.get_by_text("Nothing yet.")).to_be_visible()
    assert demo.store.load(key[0]) is None
    page.reload()
    expect(page.locator(".sg-welcome")).to_be_visible()


def test_removed_wish_changes_the_next_answer(page: Page, demo: app.Service) -> None:
    say(page, WEDDING)
    page.get_by_label("Forget price: up to €80.00").click()
    expect(page.get_by_text("price: up to €80.00")).to_have_count(0)
    turn = say(page, "show me more")
    assert "price: up to €80.00" not in wishes(page)
    assert turn.locator(".sg-check", has_text="up to").count() == 0


def test_buttons_of_an_item(page: Page, demo: app.Service) -> None:
    turn = say(page, f"{WEDDING}, size M")
    first, second = product_ids(turn)[:2]
    cards = turn.locator(".sg-card")
    answered(page, cards.nth(0).get_by_role("button", name="Add to basket").click)
    key = reloaded(page)
    assert [line.product_id for line in demo.sessions.cart(*key)[0].lines] == [first]
    cards = page.locator(f"{PAST} .sg-turn").nth(0).locator(".sg-card")
    more = answered(page, cards.nth(0).get_by_role("button", name="More like this").click)
    assert first not in product_ids(more)
    without = answered(page, cards.nth(1).get_by_role("button", name="Not this").click)
    assert second not in product_ids(without)
    goes = answered(page, cards.nth(0).get_by_role("button", name="What goes with it?").click)
    piece = goes.locator(".sg-outfit li").first
    headings = goes.locator(".sg-outfit h3").all_inner_texts()
    assert len(headings) == len(set(headings)) >= 1
    again = answered(page, page.get_by_role("button", name="Ask again").click)
    assert again.locator(".sg-user").inner_text() == goes.locator(".sg-user").inner_text()
    assert page.locator(".sg-fold").count() >= 1
    title = piece.locator(".sg-piece-title").inner_text()
    added = answered(page, piece.get_by_role("button", name=f"Add {title} to the basket").click)
    assert title in added.inner_text()
    chip = page.locator(".sg-chip").first
    said = chip.inner_text()
    assert answered(page, chip.click).locator(".sg-user").inner_text() == said
    page.get_by_role("button", name="Start over").click()
    expect(page.locator(".sg-welcome")).to_be_visible()
    expect(page.locator(".sg-turn")).to_have_count(0)


def test_known_shopper(page: Page) -> None:
    page.get_by_text("Shop as a known shopper").click()
    page.locator(".sg-shoppers button").first.click()
    expect(page.locator(".sg-wish.sg-inferred").first).to_be_visible()
    assert all("“" in words for words in page.locator(".sg-inferred .sg-evidence").all_inner_texts())
    assert len(product_ids(say(page, "a jacket"))) >= 1


def test_keyboard_alone(page: Page) -> None:
    page.locator("textarea").focus()
    page.keyboard.type("a blue dress")
    turn = answered(page, lambda: page.keyboard.press("Enter"))
    reach(page, ".sg-down summary")
    page.keyboard.press("Enter")
    expect(turn.locator(".sg-reasons").first).to_be_visible()
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Escape")
    expect(turn.locator(".sg-reasons").first).to_be_hidden()
    assert page.evaluate("document.activeElement.matches('.sg-down summary')")
    reach(page, ".sg-chip")
    answered(page, lambda: page.keyboard.press("Enter"))
    reach(page, ".sg-wish button", "Shift+Tab" if page.evaluate("!document.querySelector('.sg-wish button')") else "Tab")
    wished = len(wishes(page))
    page.keyboard.press("Enter")
    expect(page.locator(".sg-wish")).to_have_count(wished - 1)


def reach(page: Page, selector: str, key: str = "Tab") -> None:
    """Presses Tab until the focus is on such an element."""
    page.locator(PAST).evaluate("part => part.querySelector('button, summary').focus()")
    for _ in range(150):
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
        page.keyboard.press(key)
    pytest.fail(f"{selector} cannot be reached by Tab")


def test_every_control_is_reached_by_tab(page: Page) -> None:
    """Each in turn, with a ring around it, in view and not under the box; each says what it is."""
    say(page, WEDDING)
    say(page, "compare the first two")
    for summary in page.locator(".sg-fold > summary").all():
        summary.click()
    there = page.evaluate(f"({CONTROLS})().length")
    assert there > 60
    unseen = []
    for _ in range(there + 5):  # Tab goes on from where the focus was, and around by way of the browser itself
        page.keyboard.press("Tab")
        unseen.extend(page.evaluate(f"document.activeElement === document.body ? [] : ({UNSEEN})(document.activeElement)"))
    assert unseen == []
    assert (
        page.evaluate(f"({CONTROLS})().filter((each) => !each.dataset.reached).map((each) => each.outerHTML.slice(0, 120))") == []
    )
    assert page.evaluate(f"({CONTROLS})().filter((each) => !({NAME})(each)).map((each) => each.outerHTML.slice(0, 120))") == []
    assert page.locator(".sg-page img:not([alt]), .sg-page img[alt='']").count() == 0
    assert page.locator(".sg-page svg:not([aria-hidden=true])").count() == 0


CONTROLS = """() => [...document.querySelectorAll(
  ".sg-page :is(button:not([disabled]), a[href], summary, textarea, input, select, [tabindex='0'])"
)].filter((each) => each.tabIndex >= 0 && each.checkVisibility({ visibilityProperty: true }))"""
"""What can be used on the page."""

NAME = "each => (each.getAttribute('aria-label') ?? each.textContent).trim() || each.labels?.[0]?.textContent.trim()"

UNSEEN = """each => {
  each.dataset.reached = "yes";
  const box = each.getBoundingClientRect(), style = getComputedStyle(each);
  const middle = document.elementFromPoint(box.left + box.width / 2, box.top + Math.min(box.height, innerHeight) / 2);
  const isSeen = middle && (each.contains(middle) || middle.contains(each)) && !(middle.closest(".sg-input") && !each.closest(".sg-input"));
  const isRinged = style.outlineStyle === "solid" && parseFloat(style.outlineWidth) >= 2;
  return isSeen && isRinged ? [] : [`${isSeen ? "no ring" : "not in view"}: ${each.outerHTML.slice(0, 120)}`];
}"""
"""Marks what has the focus as reached; says it where it is hidden, or has no ring."""


def test_status_is_read_out_once(page: Page) -> None:
    page.evaluate(
        "window.heard = []; new MutationObserver(() => heard.push(document.getElementById('sg-announcer').textContent))"
        ".observe(document.getElementById('sg-announcer'), { childList: true, characterData: true, subtree: true })"
    )
    shown = len(product_ids(say(page, WEDDING)))
    heard = page.evaluate("heard")
    assert len(heard) == 1
    assert f"{shown} items are shown." in heard[0]
    live = page.locator("[aria-live]:not([aria-live=off])").evaluate_all("parts => parts.map(part => part.id || part.className)")
    assert [name for name in live if name.startswith("sg-")] == ["sg-announcer"]


@pytest.mark.parametrize("width", [360, 320])
def test_narrow(open_page: OpenPage, address: str, width: int) -> None:
    page = open_page(address, width, 740)
    assert overflowing(page) == []
    say(page, WEDDING)
    turn = say(page, "compare the first two")
    expect(turn.locator(".sg-comparison")).to_be_visible()
    assert overflowing(page) == []
    profile = page.locator(".sg-profile > summary")
    expect(profile).to_contain_text("6 wishes")
    expect(page.locator(".sg-wish").first).to_be_hidden()
    profile.click()
    expect(page.locator(".sg-wish").first).to_be_visible()
    page.locator(".sg-wish button").first.click()
    expect(profile).to_contain_text("5 wishes")
    expect(page.locator(".sg-wish").first).to_be_visible()
    for summary in page.locator(".sg-down summary").all():
        summary.click()
        assert overflowing(page) == []


def overflowing(page: Page) -> list[str]:
    """What reaches past the right or left edge of the page, but for what scrolls inside itself."""
    found: list[str] = page.evaluate(
        """() => {
          const wide = document.documentElement.clientWidth;
          const past = [...document.querySelectorAll("[class*=sg-], .sg-page *")].filter((each) => {
            const box = each.getBoundingClientRect();
            return box.width && !each.closest(".sg-strip, .sg-scroll, .sg-hidden") && (box.right > wide + 1 || box.left < -1);
          });
          const names = past.map((each) => `${each.tagName} ${each.className}`);
          return document.scrollingElement.scrollWidth > wide ? [`page ${document.scrollingElement.scrollWidth}`, ...names] : names;
        }"""
    )
    return found


@pytest.mark.parametrize("dark", [False, True])
def test_contrast(open_page: OpenPage, address: str, dark: bool) -> None:
    page = open_page(address, dark=dark)
    say(page, WEDDING)
    assert page.evaluate("document.documentElement.lang") == "en"
    assert page.title() == "Shopguide demo shop"
    weak = page.evaluate(CONTRAST)
    assert weak == []


CONTRAST = """() => {
  const parse = (color) => (color.match(/[\\d.]+/g) ?? [0, 0, 0, 0]).map(Number);
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((c) => (c /= 255) <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const behind = (each) => {
    for (let at = each; at; at = at.parentElement) {
      const color = parse(getComputedStyle(at).backgroundColor);
      if (color.length === 3 || color[3] === 1) return color;
    }
    return [255, 255, 255];
  };
  const weak = [];
  for (const each of document.querySelectorAll(".sg-page :is(p, span, h1, h2, h3, small, button, summary, th, td, li, del)")) {
    const own = [...each.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    if (!own || !each.checkVisibility() || each.closest(".sg-hidden, .sr-only") || each.disabled) continue;
    const [a, b] = [light(parse(getComputedStyle(each).color)), light(behind(each))].sort((x, y) => y - x);
    if ((a + 0.05) / (b + 0.05) < 4.5) weak.push(`${each.tagName}.${each.className}: ${each.textContent.slice(0, 30)}`);
  }
  return weak;
}"""
