"""Draws the shop's styles from the tables, and makes an item of each colour of each style."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from catalog_data.demo.care import care_of, features_of, without_contradictions
from catalog_data.demo.copywriter import Copywriter
from catalog_data.demo.prices import Tag, full_price, tag
from catalog_data.demo.stock import size_run, stocked_sizes
from catalog_data.demo.tables import Brand, Line, Tables, pick, pick_several
from catalog_data.demo.titles import Titler
from catalog_data.demo.wording import facts_of
from catalog_data.pictures import DRAWN
from catalog_data.schema import Money, Product, SizeSystem
from catalog_data.vocabulary import Vocabulary

CURRENCY = "EUR"
FIRST_DAY = datetime(2024, 4, 1, tzinfo=UTC)
LAST_NEW = datetime(2026, 11, 12, tzinfo=UTC)
OPENING = datetime(2025, 5, 20, tzinfo=UTC)
"""The first day of the recorded interactions; most styles were in the shop by then."""

SHARE_REDUCED = 0.185
_TWO_COLOURS = {
    "striped", "breton stripes", "pinstripe", "checked", "tartan", "gingham", "houndstooth", "prince of wales check", "floral",
    "tropical", "polka dot", "leopard print", "snake print", "camouflage", "graphic print", "logo print", "slogan print",
    "geometric", "abstract", "paisley", "ethnic print", "baroque print", "tie-dye", "colour block", "patchwork", "animal print",
}  # fmt: skip


@dataclass(frozen=True)
class Style:
    """One style: what all its colours share. `popularity` is the maker's secret, known to the simulated shoppers alone."""

    style_id: str
    product_type: str
    family: str
    noun: str
    audience: str
    brand: str
    popularity: float
    palette: str
    shared: Mapping[str, Any]
    sizes: tuple[SizeSystem, tuple[str, ...]]
    full_price: int


class ProductMaker:
    """Makes every style and item in the order of the tables. Each type draws from a stream of its own (`stream` gives it by the
    type's name), so that a change in one table leaves the items of the others as they are."""

    def __init__(self, tables: Tables, vocabulary: Vocabulary, stream: Callable[[str], random.Random]) -> None:
        self._tables, self._vocabulary, self._stream = tables, vocabulary, stream
        self._rng = stream("")
        self._titler = Titler()

    def make(self) -> tuple[list[Product], dict[str, Style]]:
        """Every item, without ratings, and every style by its id."""
        products: list[Product] = []
        styles: dict[str, Style] = {}
        for product_type, table in self._tables.types.items():
            self._rng = self._stream(product_type)
            copywriter = Copywriter(self._tables, self._stream(f"{product_type}:copy"))
            number = 100
            for style in self._styles(product_type):
                styles[style.style_id] = style
                for product in self._colours(style, table.prefix, number, copywriter):
                    products.append(product)
                    number += 1
        return products, styles

    def _styles(self, product_type: str) -> Iterator[Style]:
        table = self._tables.types[product_type]
        count = 0
        for line in table.lines.values():
            for audience, wanted in line.n.items():
                for _ in range(wanted):
                    count += 1
                    yield self._style(f"{table.prefix}-s{count:03d}", product_type, line, audience)

    def _style(self, style_id: str, product_type: str, line: Line, audience: str) -> Style:
        rng, table = self._rng, self._tables.types[product_type]
        family = line.family or table.family
        name = self._brand(family, audience, line)
        brand = self._tables.brands[name]
        materials = pick(rng, line.mats)
        system = line.sizes or table.sizes or self._vocabulary.entry("category", product_type).sizes or "one"
        shared = self._shared(line, brand, materials, product_type)
        shared["collection"] = self._collection(family)
        shared["added_at"] = self._added()
        full = full_price(rng, line.price, brand.level, materials, brand.ends)
        return Style(
            style_id=style_id,
            product_type=product_type,
            family=family,
            noun=self._noun(product_type, line, materials),
            audience=audience,
            brand=name,
            popularity=1 / (16 + rng.randint(0, 50)),
            palette=line.cols,
            shared=shared,
            sizes=(system, size_run(system, audience, product_type)),
            full_price=full,
        )

    def _brand(self, family: str, audience: str, line: Line) -> str:
        """A house that makes this family for this audience, sooner one whose taste the line has. Raises `LookupError` if none does."""
        wanted = {value for option in line.sty for value in option.values}
        makers = {
            name: 1 + 2 * len(wanted & set(brand.styles))
            for name, brand in self._tables.brands.items()
            if family in brand.families and audience in brand.who
        }
        if not makers:
            raise LookupError(f"no brand makes {family} for {audience}; add one to brands.yaml")
        return self._rng.choices(list(makers), list(makers.values()))[0]

    def _noun(self, product_type: str, line: Line, materials: tuple[str, ...]) -> str:
        special = line.nouns.get(materials[0]) if materials else None
        return special or line.noun or self._tables.words["nouns"].get(product_type, product_type)

    def _shared(self, line: Line, brand: Brand, materials: tuple[str, ...], product_type: str) -> dict[str, Any]:
        rng = self._rng
        patterns = pick(rng, line.pats)
        care = care_of(rng, materials, patterns, product_type, self._vocabulary.role(product_type))
        features = [value for choice in line.one for value in pick(rng, choice)]
        features += [feature for feature, share in line.may.items() if rng.random() < share]
        features += features_of(materials, care)
        return {
            "materials": materials,
            "patterns": patterns,
            "fits": pick(rng, line.fits),
            "lengths": pick(rng, line.lens),
            "seasons": pick(rng, line.sea),
            "occasions": pick_several(rng, line.occ, 3),
            "styles": pick_several(rng, line.sty, 2, brand.styles),
            "features": without_contradictions(features),
            "care": (care,),
            "formality": line.form or self._vocabulary.entry("category", product_type).formality,
        }

    def _collection(self, family: str) -> str | None:
        fitting = [name for name, families in self._tables.words["collections"].items() if family in families]
        return self._rng.choice(fitting) if fitting and self._rng.random() < 0.28 else None

    def _added(self) -> datetime:
        rng = self._rng
        first, last = (FIRST_DAY, OPENING) if rng.random() < 0.5 else (OPENING, LAST_NEW)
        return (first + (last - first) * rng.random()).replace(hour=rng.randint(6, 10), minute=0, second=0, microsecond=0)

    def _colours(self, style: Style, prefix: str, number: int, copywriter: Copywriter) -> Iterator[Product]:
        rng = self._rng
        palette = self._palette(style)
        count = min(len(palette), rng.choices((1, 2, 3, 4), (52, 26, 15, 7))[0])
        ends = self._tables.brands[style.brand].ends
        for place in range(count):
            first = rng.choices(list(palette), list(palette.values()))[0]
            del palette[first]
            colors = (first, *self._second(style, first))
            price = tag(rng, style.full_price, SHARE_REDUCED, ends)
            product = self._bare(style, f"{prefix}-{number + place:04d}", colors, price)
            yield self._described(product, style, count > 1, copywriter)

    def _palette(self, style: Style) -> dict[str, int]:
        """The line's palette; of what is made of metal, the tones that the metal has."""
        tones = [tone for material in style.shared["materials"] for tone in self._tables.metals.get(material, ())]
        return {tone: tones.count(tone) for tone in tones} or dict(self._tables.palettes[style.palette])

    def _second(self, style: Style, first: str) -> tuple[str, ...]:
        if set(self._tables.stones["with"]) & set(style.shared["materials"]):
            return (self._rng.choice(self._tables.stones["colours"]),)
        if not _TWO_COLOURS & set(style.shared["patterns"]):
            return ()
        hex_value = self._vocabulary.entry("color", first).hex or "#888888"
        light = sum(int(hex_value[at : at + 2], 16) for at in (1, 3, 5)) > 480
        options = [color for color in self._tables.second["dark" if light else "light"] if color != first]
        return (self._rng.choice(options),)

    def _bare(self, style: Style, product_id: str, colors: tuple[str, ...], price: Tag) -> Product:
        """The item with its facts, not yet described."""
        names = self._tables.colour_names
        said = [self._rng.choice(names[color]) if place == 0 else names[color][0] for place, color in enumerate(colors)]
        return Product.model_validate(
            {
                **style.shared,
                "product_id": product_id,
                "title": product_id,
                "product_type": style.product_type,
                "brand": style.brand,
                "gender": (style.audience,),
                "colors": colors,
                "color_name": " / ".join(said),
                "price": _euro(price.price),
                "list_price": _euro(price.list_price),
                "lowest_price_30d": _euro(price.lowest_30d),
                "sizes": stocked_sizes(self._rng, *style.sizes),
                "style_id": style.style_id,
                "image": DRAWN,
            }
        )

    def _described(self, product: Product, style: Style, several: bool, copywriter: Copywriter) -> Product:
        """Title and copy, which come last, since they may say only what the other fields say."""
        plural = self._vocabulary.plural(style.product_type) == style.product_type
        facts = facts_of(product, style.noun, plural, self._tables, copywriter.rng)
        title = self._titler.title(product, facts, several, copywriter.rng)
        return product.model_copy(update={"title": title, "description": copywriter.write(product, facts, style.family)})


def _euro(cents: int | None) -> Money | None:
    return None if cents is None else Money(amount_minor=cents, currency=CURRENCY)
