"""Makes the whole shop from a seed."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from catalog_data.demo.behaviour import Secret, Simulation, make_secrets
from catalog_data.demo.output import write_files
from catalog_data.demo.products import ProductMaker, Style
from catalog_data.demo.reviews import Reviewer, rated
from catalog_data.demo.searches import SearchWords
from catalog_data.demo.shoppers import make_shoppers
from catalog_data.demo.tables import load_tables
from catalog_data.schema import Interaction, Product, Review
from catalog_data.vocabulary import Vocabulary


@dataclass(frozen=True)
class Shop:
    """All that was made, the maker's secrets among it."""

    products: list[Product]
    styles: Mapping[str, Style]
    secrets: Mapping[str, Secret]
    interactions: list[Interaction]
    reviews: list[Review]


def make_shop(seed: int, vocabulary: Vocabulary) -> Shop:
    """The shop in memory. Each part draws from a stream of its own, so that a change in one leaves the others' draws alone."""
    tables = load_tables()
    products, styles = ProductMaker(tables, vocabulary, lambda part: _stream(seed, f"products:{part}")).make()
    secrets = make_secrets(styles, tables, _stream(seed, "secrets"))
    words = SearchWords(vocabulary, tables.shoppers["searches"], _stream(seed, "searches"))
    simulation = Simulation(products, styles, secrets, tables, words, _stream(seed, "behaviour"))
    simulation.play(make_shoppers(tables, _stream(seed, "shoppers")))
    reviews = Reviewer(tables, vocabulary, _stream(seed, "reviews")).write(simulation.purchases, styles, secrets)
    return Shop(rated(products, reviews), styles, secrets, simulation.events, reviews)


def make_files(seed: int, out: Path, vocabulary: Vocabulary) -> Shop:
    """Makes the shop and writes its files into `out`."""
    shop = make_shop(seed, vocabulary)
    write_files(out, seed, shop.products, shop.interactions, shop.reviews)
    return shop


def _stream(seed: int, part: str) -> random.Random:
    return random.Random(f"{seed}:{part}")
