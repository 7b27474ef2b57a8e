"""A small real shop, a real store and sessions over it, for the tests of session and HTTP. The agent is the scripted one."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest

from assistant import profile as profiles
from assistant.cart import lines_of
from assistant.clock import FixedClock
from assistant.conversation_store import Store, open_store
from assistant.interface.metrics import Metrics
from assistant.limits import Limits
from assistant.logs import EventLog
from assistant.observer import Observers
from assistant.schema import Cart, Profile
from assistant.scripted_agent import ScriptedAgent
from assistant.session import Rules, Sessions
from assistant.tokens import Tokens
from catalog_data.schema import Catalog, Interaction, Manifest, Money, Product, Promotion, Shipping, SizeStock
from catalog_data.vocabulary import Vocabulary, load_vocabulary
from retrieval.promotions import price_basket
from retrieval.schema import PricedBasket, Shopper

NOW = datetime(2026, 11, 27, 10, 0, tzinfo=UTC)
WORDS: Callable[[], Vocabulary] = cache(load_vocabulary)
SECRET = "a secret of the tests, which is long enough"


def _product(number: int, title: str, price: int | None, sizes: tuple[SizeStock, ...] = ()) -> Product:
    money = Money(amount_minor=price, currency="EUR") if price is not None else None
    return Product(product_id=f"p{number}", title=title, brand="Aster", price=money, sizes=sizes)


@pytest.fixture(scope="session")
def small_catalog() -> Catalog:
    """Six items, one promotion by code, one known shopper."""
    dress_sizes = (SizeStock(system="alpha", label="S", stock=0), SizeStock(system="alpha", label="M", stock=3))
    return Catalog(
        manifest=Manifest(
            catalog_id="small",
            name="Small",
            currency="EUR",
            synthetic=True,
            shipping=Shipping(standard_minor=490, free_from_minor=10_000),
        ),
        products=(
            _product(1, "Red Dress", 7_900, dress_sizes),
            _product(2, "Blue Shirt", 3_500, (SizeStock(system="alpha", label="M"),)),
            _product(3, "Straw Hat", 2_000),
            _product(4, "Priceless Vase", None),
            _product(5, "Sold Scarf", 1_500, (SizeStock(system="one", label="One size", stock=0),)),
            _product(6, "Green Coat", 12_000, (SizeStock(system="alpha", label="M"), SizeStock(system="alpha", label="L"))),
        ),
        interactions=(Interaction(user_id="u1", kind="purchase", at=NOW, product_id="p3"),),
        promotions=(Promotion(promotion_id="welcome", title="Welcome", kind="percent", percent=10, code="WELCOME10"),),
        digest="0" * 64,
    )


def rules_of(catalog: Catalog) -> Rules:
    """The product's rules of profile and price; the known shopper starts with a liked hat."""

    def price_cart(cart: Cart, shopper_id: str | None) -> PricedBasket:
        return price_basket(
            lines_of(cart, catalog.by_id),
            catalog.promotions,
            cart.codes,
            NOW,
            Shopper(first_order=shopper_id is None),
            catalog.manifest.shipping,
            catalog.manifest.currency,
            Vocabulary({}),
        )

    return Rules(
        price_cart=price_cart,
        edit=profiles.edit,
        with_feedback=profiles.with_feedback,
        vocabulary=WORDS(),
        infer=lambda _: Profile(liked_product_ids=("p3",)),
    )


class House:
    """One shop of the tests: sessions, and all that they stand on. `at` is what the agent calls at each stage."""

    def __init__(self, catalog: Catalog, data_dir: Path, limits: Limits | None = None, store: Store | None = None) -> None:
        self.catalog, self.data_dir = catalog, data_dir
        self.clock = FixedClock(NOW)
        self.log = io.StringIO()
        self.metrics = Metrics()
        self.observer = Observers((EventLog(self.log, self.clock), self.metrics))
        self.store = store if store is not None else open_store(None, data_dir)
        self.at: Callable[[str], None] = lambda stage: None
        self.agent = ScriptedAgent(catalog, lambda stage: self.at(stage))
        self.tokens = Tokens(SECRET)
        self.sessions = Sessions(
            self.agent, self.store, self.tokens, self.clock, catalog, rules_of(catalog), self.observer, limits
        )

    def files_with(self, words: str) -> list[str]:
        """The files of the data folder that hold these words."""
        needle = words.encode()
        return [path.name for path in self.data_dir.rglob("*") if path.is_file() and needle in path.read_bytes()]


MakeHouse = Callable[..., House]


@pytest.fixture
def make_house(small_catalog: Catalog, tmp_path: Path) -> Iterator[MakeHouse]:
    """Makes shops on one data folder; closes their stores afterwards."""
    houses: list[House] = []

    def make(limits: Limits | None = None) -> House:
        houses.append(House(small_catalog, tmp_path / "data", limits))
        return houses[-1]

    yield make
    for each in houses:
        each.store.close()


@pytest.fixture
def house(make_house: MakeHouse) -> House:
    """A shop with the limits of the product."""
    return make_house()
