"""The one way in to a catalog: recognises the form of a folder and reads it.

A form is a pair of functions, one that recognises a folder and one that loads it. A further feed is a further pair in `FORMS`
(or handed to `load_catalog`); nothing else changes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from catalog_data import native
from catalog_data.adapters import demo_store, fashion20k
from catalog_data.errors import CatalogNotFound, CatalogUnreadable
from catalog_data.schema import Catalog
from catalog_data.vocabulary import Vocabulary

DEMO_SHOP = Path(__file__).with_name("files")


class Form(NamedTuple):
    """A form of catalog. `marker` is the file by which a person recognises it; `load` may raise any `CatalogError`."""

    name: str
    marker: str
    recognises: Callable[[Path], bool]
    load: Callable[[Path, Vocabulary, datetime | None], Catalog]


FORMS = (
    Form("the shop's own form", native.MANIFEST, native.recognises, native.load),
    Form("fashion20k", fashion20k.ITEMS, fashion20k.recognises, fashion20k.load),
    Form("a Retail Demo Store", demo_store.PRODUCTS, demo_store.recognises, demo_store.load),
)


def load_catalog(
    path: Path | None, vocabulary: Vocabulary, now: datetime | None = None, forms: Sequence[Form] = FORMS
) -> Catalog:
    """Reads the catalog in folder `path` (`None`: the demo shop's) in the first of `forms` that recognises it.

    `now`, where given, is the latest time that an event or review may have. Raises `CatalogNotFound` where nothing is there,
    `CatalogUnreadable` where no form recognises the folder or a file cannot be read, `CatalogEmpty` where no good item is left.
    """
    folder = DEMO_SHOP if path is None else path
    if not folder.exists():
        raise CatalogNotFound(
            f"{folder}: there is nothing; set SHOPGUIDE_CATALOG to a catalog's folder, or unset it for the demo shop"
        )
    for form in forms if folder.is_dir() else ():
        if form.recognises(folder):
            return form.load(folder, vocabulary, now)
    allowed = "; ".join(f"a folder with {form.marker} ({form.name})" for form in forms)
    found = f"a folder that holds {_names(folder)}" if folder.is_dir() else "a file"
    raise CatalogUnreadable(f"{folder}: found {found}; allowed: {allowed}")


def _names(folder: Path) -> str:
    names = sorted(entry.name for entry in folder.iterdir())
    return ", ".join(names[:10]) + (f" and {len(names) - 10} more" if len(names) > 10 else "") if names else "nothing"
