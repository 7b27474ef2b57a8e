"""The page: what it tells, that it needs nothing else, and that no text in it is markup."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.evaluation.report_html import html_report
from assistant.evaluation.results import ConversationResult, Failure, ShownItem
from assistant.evaluation.sim_stats import wilson
from assistant.evaluation.sim_table import SimRow
from assistant.schema import Usage
from tests.assistant.evaluation.records import FAILED, result, turn_result

VOID = {"meta", "br", "img", "input", "link"}
ALLOWED = {
    *(
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "main",
        "section",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "p",
        "a",
        "b",
        "strong",
        "code",
    ),
    *("ul", "li", "dl", "dt", "dd", "div", "span", "header", "article", "details", "summary", "mark", "figure", "figcaption"),
    *("table", "thead", "tbody", "tr", "th", "td", "svg", "rect", "line"),
}


class Page(HTMLParser):
    """Every element with its attributes, the texts, and whether all that opens closes."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    @property
    def words(self) -> str:
        """All texts, blanks as one."""
        return " ".join(" ".join(self.texts).split())

    def of(self, name: str) -> list[dict[str, str | None]]:
        """The attributes of every element of this name."""
        return [attributes for tag, attributes in self.elements if tag == name]


def hostile(words: str) -> str:
    """A page in which a shopper, a catalog and a model say these words wherever they can."""
    failure = Failure(path=words, expected=words, found=words)
    shown = (ShownItem(product_id=words, title=words, price=words),)
    turn = turn_result(words, failure, reply=words, shown=shown, actions=(words,))
    good = turn_result(words, reply=words, shown=shown, actions=(words,))
    whole = result("one", good, turn, about=words, tags=(words,), failures=(failure,))
    before = result("one", good, turn_result(f"{words}!", failure, reply=f"{words} then", shown=shown))
    sim = (SimRow(habit=words, dialogues=10, target=wilson(5, 10), right=wilson(9, 10)),)
    run = (whole, result("two", good, about=words, tags=(words,)), result("three", skipped=words, turns=()))
    return html_report(run, (before,), sim, {words: words})


def test_no_field_can_hold_markup() -> None:
    text = hostile("<script>window.__pwn = 1</script><img src=x onerror=alert(1)>\"'`${1}{{1}}</style></title><!--")
    page = Page(text)
    assert "script" not in {name for name, _ in page.elements}
    assert "img" not in {name for name, _ in page.elements}
    assert not any(key.startswith("on") for _, attributes in page.elements for key in attributes)
    assert "<script" not in text.lower()
    # settings 2, about 2, tags and habit, two turns each, the last run, failures: the words are there to be read, everywhere.
    assert page.words.count("<script>window.__pwn = 1</script>") >= 30


@settings(max_examples=60, deadline=None)
@given(words=st.text(alphabet=st.one_of(st.sampled_from("<>&\"'=/ ae"), st.characters(exclude_categories=["Cs"])), min_size=1))
def test_whatever_is_said_the_page_has_our_elements_alone(words: str) -> None:
    page = Page(hostile(words))
    assert {name for name, _ in page.elements} <= ALLOWED
    keys = {key for _, attributes in page.elements for key in attributes}
    assert not any(key.startswith("on") or key in ("src", "style", "formaction") for key in keys)
    assert all((each.get("href") or "").startswith("#c-") for each in page.of("a"))


def test_the_page_needs_nothing_else() -> None:
    text = hostile("words")
    assert not re.search(r"https?://|@import|url\(|src=|<link|<script|<iframe", text)
    policies = [each.get("content") for each in Page(text).of("meta") if each.get("http-equiv") == "Content-Security-Policy"]
    assert policies == ["default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"]


def test_links_lead_to_places_of_the_page() -> None:
    page = Page(
        html_report((result("a", turn_result("x", FAILED)), result("b", turn_result("x", FAILED), attempt=2)), (result("a"),))
    )
    places = {attributes.get("id") for _, attributes in page.elements}
    targets = {(each["href"] or "").removeprefix("#") for each in page.of("a")}
    assert targets == {"c-a-1", "c-b-2"}
    assert targets <= places


def run() -> tuple[ConversationResult, ...]:
    """One that passed, one that failed in its second turn, one skipped."""
    return (
        result("passed", turn_result("a hat", milliseconds=40, usage=Usage(model_calls=1, prompt_tokens=1_200))),
        result(
            "failed",
            turn_result("a bag", milliseconds=100),
            turn_result("a cheap bag", FAILED, reply="Here are two bags.", milliseconds=300),
            tags=("size",),
        ),
        result("skipped", skipped="made for the catalog hm; demo is served", turns=()),
    )


def test_tiles_table_and_plots_tell_the_figures() -> None:
    page = Page(html_report(run(), settings={"writer": "none"}))
    for told in (
        "1 of 2 conversations passed",
        "writer none",
        "1/2 passed; 95 % interval 0.09 to 0.91",
        "1 expectations not met",
        "3 turns",
        "1 skipped",
        "100 ms a turn at the median; 300 in 19 of 20, 300 at most",
        "1 model calls, 1,200 tokens",
        "budget 1 1 1.00 0.21 to 1.00 1 0",
        "all 2 1 0.50 0.09 to 0.91 3 1",
        "skipped : made for the catalog hm; demo is served",
    ):
        assert told in page.words
    labels = [each.get("aria-label") for each in page.of("svg")]
    assert "budget: 1 of 1, interval 0.21 to 1.00" in labels
    assert "size: 0 of 1, interval 0.00 to 0.79" in labels
    assert "products.min: 1" in labels
    assert "3 turns: median 100 ms, 95th percentile 300 ms, at most 300 ms" in labels
    assert "failed: median 100 ms, 95th percentile 300 ms of 2 turns" in labels
    assert "Last run" not in page.words


def test_a_failing_turn_is_open_and_the_rest_is_folded() -> None:
    page = Page(html_report(run()))
    assert "Turn 2 300 ms a cheap bag Here are two bags. Red dress number 1 €49.90 i1 Did: search" in page.words
    assert "expect.products.min expected at least 3 found 1" in page.words
    assert "Turn 1, as expected" in page.words
    assert [each.get("id") for each in page.of("article")] == ["c-failed-1"]
    assert [each.get("id") for each in page.of("details") if each.get("id")] == ["c-passed-1"]


def test_the_last_run_stands_beside() -> None:
    before = (
        result("failed", turn_result("a bag"), turn_result("a cheap bag", reply="Here are three bags."), tags=("size",)),
        result("gone"),
    )
    text = html_report(run(), before)
    page = Page(text)
    assert "passed in the last run" in page.words
    assert "Last run Here are three bags. Red dress number 1 €49.90 i1 Did: search As expected." in page.words
    assert "<mark>two</mark>" in text
    assert "1 pairs; the pass rate moved by -1.000" in page.words
    assert "Newly failing: failed" in page.words
    assert "Only in the last run: gone" in page.words
    assert "1 newly failing 0 newly passing" in page.words
    assert "Only in this run: passed, skipped" in page.words


def test_a_turn_that_the_last_run_did_not_play_and_one_that_it_played_alike() -> None:
    first = html_report(run(), (result("failed", turn_result("a bag"), tags=("size",)),))
    assert "This turn was not played." in Page(first).words
    same = html_report(run(), run())
    assert "The same answer and the same items." in Page(same).words
    assert "failed in the last run too" in Page(same).words


def test_simulated_shoppers_have_a_table_and_plots() -> None:
    sim = (SimRow(habit="terse", dialogues=100, target=wilson(60, 100), right=wilson(90, 100), median_turns=3.5, violations=2),)
    page = Page(html_report(run(), sim=sim))
    assert "terse 100 0.900 (0.826 to 0.945) 0.600 (0.502 to 0.691) 3.5 0.0 0 2" in page.words
    assert "terse: 90 of 100, interval 0.83 to 0.94" in [each.get("aria-label") for each in page.of("svg")]


def test_an_empty_run_is_a_page_too() -> None:
    assert "0 of 0 conversations passed" in Page(html_report(())).words


def test_equal_results_are_equal_pages() -> None:
    assert html_report(run(), run()) == html_report(run(), run())
