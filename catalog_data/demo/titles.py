"""Titles: short, telling, and no two alike in the shop."""

from __future__ import annotations

import random

from catalog_data.demo.wording import Facts, Telling, capital, fill
from catalog_data.schema import Product

_PLAIN = (
    "{mat} {len} {noun} with {with1}",
    "{mat} {noun} with {with1}",
    "{brand} {fit} {noun}",
    "{pat} {mat} {noun}",
    "{pat} {len} {noun} with {with1}",
    "{fit} {noun} in {mats}",
    "{fit} {mat} {noun}",
    "{brand} {mat} {noun}",
    "{adj} {mat} {noun}",
    "{adj} {noun} with {with1}",
    "{brand} {len} {noun} with {with1}",
    "{brand} {pat} {noun}",
    "{fit} {len} {noun} with {with1}",
    "{brand} {noun} in {mats}",
    "{brand} {noun} with {with1}",
)
_COLOURED = (
    "{col} {mat} {noun}",
    "{col} {noun} with {with1}",
    "{brand} {noun} in {col}",
    "{fit} {noun} in {col}",
    "{mat} {noun} in {col}",
    "{brand} {mat} {noun} in {col}",
)
_LAST = ("{brand} {fit} {noun} in {col}", "{brand} {noun} in {col} {mats}", "{brand} {mat} {noun} in {col} with {withs}")
_POSSESSIVE = {"girls": "Girls'", "boys": "Boys'", "kids": "Kids'", "baby": "Baby"}
_GROWN = {"women": "Women's", "men": "Men's"}


class Titler:
    """Remembers every title that was given."""

    def __init__(self) -> None:
        self._given: set[str] = set()

    def title(self, product: Product, facts: Facts, several_colours: bool, rng: random.Random) -> str:
        """A new title; those of a style with several colours name the colour. Raises `LookupError` when all forms are taken."""
        forms = rng.sample(_COLOURED, len(_COLOURED)) if several_colours else rng.sample(_PLAIN, len(_PLAIN))
        if several_colours:
            coloured = [
                f"{form} in {{col}}" for form in rng.sample(_PLAIN, len(_PLAIN)) if " in " not in form and " with " not in form
            ]
            forms = sorted(forms + coloured, key=lambda _: rng.random())
        audience = product.gender[0] if product.gender else ""
        for form in [*forms, *_COLOURED, *_LAST, *(f"{form} by {{brand}}" for form in forms if "{brand}" not in form)]:
            if audience in _POSSESSIVE and form.startswith("{brand} "):
                form = f"{form.removeprefix('{brand} ')} by {{brand}}"
            text = fill(form, facts, Telling(), rng)
            if text is None:
                continue
            for title in self._dressed(text, audience, form.startswith("{brand}")):
                if title.lower() not in self._given:
                    self._given.add(title.lower())
                    return title
        raise LookupError(f"{product.product_id}: every title is taken; add a form to titles.py")

    @staticmethod
    def _dressed(text: str, audience: str, has_brand: bool) -> list[str]:
        lowered = (
            text
            if has_brand or text[1:2].isupper() or text.startswith(("A-line", "T-shirt", "Breton", "Prince"))
            else text[:1].lower() + text[1:]
        )
        if audience in _POSSESSIVE and "baby" not in lowered:
            return [f"{_POSSESSIVE[audience]} {lowered}"]
        return [capital(text)] + ([f"{_GROWN[audience]} {lowered}"] if audience in _GROWN else [])
