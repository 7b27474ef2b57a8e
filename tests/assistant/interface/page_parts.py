"""Reads markup as a browser's parser would, and fills every kind of it with one text, for the tests of the page's parts."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

from assistant.schema import (
    CheckedSection,
    Comparison,
    ComparisonRow,
    OffersBlock,
    OutfitCard,
    OutfitPieceCard,
    ProductCard,
    SectionKind,
)
from catalog_data.schema import Money
from retrieval.schema import Check, Scores

VOID = frozenset({"img", "input", "br"})
PAYLOADS = Path(__file__).resolve().parents[3] / "../shared/data/attacks/xss_payloads.txt"
TEMPLATES = (
    "${alert(1)}",
    "{{constructor.constructor('alert(1)')()}}",
    "`${window.__pwn = 1}`",
    "</script><script>window.__pwn = 1</script>",
    "\" onmouseover=\"window.__pwn = 1",
    "' autofocus onfocus='window.__pwn = 1",
    "<img src=x onerror=window.__pwn=1>",
    "<svg/onload=window.__pwn=1>",
    "<!--><script>window.__pwn=1</script>-->",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "\\u003cscript\\u003e",
    '"}\' data-act=\'{"act": "forget_me"}',
)  # fmt: skip
"""What the page's templates, attributes and JSON could be made to run."""

EURO = Money(amount_minor=7_995, currency="EUR")


@dataclass
class Reader(HTMLParser):
    """The elements of some markup with their attributes, and its text. Fails on elements that are not closed in order."""

    elements: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(dict(attrs)) == len(attrs), f"{tag} has an attribute twice: {attrs}"
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")

    def handle_decl(self, decl: str) -> None:
        raise AssertionError(f"a declaration: {decl}")

    def handle_pi(self, data: str) -> None:
        raise AssertionError(f"an instruction: {data}")


def read(markup: str) -> Reader:
    """The markup, parsed to its end."""
    reader = Reader()
    reader.feed(markup)
    reader.close()
    assert not reader.open
    return reader


def skeleton(markup: str) -> list[tuple[str, tuple[str, ...]]]:
    """The elements and the names of their attributes: what the markup does, whatever it says."""
    return [(element, tuple(attributes)) for element, attributes in read(markup).elements]


def attack_texts() -> list[str]:
    """The shared attack texts, where they are, and those of templates."""
    lines = PAYLOADS.read_text(encoding="utf-8").splitlines() if PAYLOADS.is_file() else []
    return [*TEMPLATES, *(line for line in lines if line.strip())]


def card_of(text: str) -> ProductCard:
    """A card with this text wherever the catalog or the shopper may put one."""
    return ProductCard(
        product_id=text,
        title=text,
        brand=text,
        price=EURO,
        list_price=EURO,
        offer={"title": text},
        why=(text, text),
        checks=(
            Check(slot="color", value=text, status="met"),
            Check(slot="size", value=f"alpha {text}", status="unknown"),
            Check(slot="price", value="..8000", status="unmet"),
        ),
        scores=Scores(similarity=0, collaborative=0, preference=0, popularity=0, total=0),
        image_url="/media/1.svg",
        url=text,
        rating=4.5,
        rating_count=7,
        sizes=(text,),
    )


def look_of(text: str) -> OutfitCard:
    """A look of two pieces."""
    pieces = tuple(OutfitPieceCard(role=text, product_id=text, title=text, price=price, image_url=None) for price in (EURO, None))
    return OutfitCard(anchor_product_id=text, pieces=pieces, total=EURO, why=text)


def offers_of(text: str) -> OffersBlock:
    """A receipt with an item and a discount, and a code that did not apply."""
    return OffersBlock(
        rejected=({"code": text, "message": text},),
        receipt=(
            {"kind": "item", "label": text, "quantity": 2, "text": "€159.90"},
            {"kind": "discount", "label": text, "quantity": None, "text": "-€5.00"},
            {"kind": "total", "label": "Total", "quantity": None, "text": "€154.90"},
        ),
    )


def comparison_of(text: str) -> Comparison:
    """Two items side by side."""
    row = ComparisonRow(slot="material", label=text, cells=(text, ""))
    return Comparison(product_ids=(text, f"{text}2"), rows=(row,))


def section(kind: SectionKind, text: str, *product_ids: str) -> CheckedSection:
    """A checked section as the composer gives it."""
    return CheckedSection(
        section_id=kind, kind=kind, writer="composer", shown_writer="composer", verdict="pass", text=text, product_ids=product_ids
    )
