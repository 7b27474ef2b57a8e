"""Fixtures that several tests of the catalog share."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from catalog_data.demo.tables import Tables, load_tables
from catalog_data.loader import DEMO_SHOP, load_catalog
from catalog_data.schema import Catalog
from catalog_data.vocabulary import Vocabulary, load_vocabulary


@pytest.fixture(scope="session")
def demo_vocabulary() -> Vocabulary:
    return load_vocabulary()


@pytest.fixture(scope="session")
def demo_tables() -> Tables:
    return load_tables()


@pytest.fixture(scope="session")
def demo_shop(demo_vocabulary: Vocabulary) -> Catalog:
    """The committed demo shop, as it loads in the week in which it is shown."""
    return load_catalog(DEMO_SHOP, demo_vocabulary, datetime(2026, 11, 27, tzinfo=UTC))
