"""What is embedded and matched by words: one item as a short text, the plain facts first."""

from __future__ import annotations

import hashlib
import re

from catalog_data.schema import Product

MAX_WORDS = 100
SENTENCES = 2
_SENTENCE = re.compile(r"(?<=[.!?])\s+")


def item_text(product: Product) -> str:
    """Title, brand, audience, type, and what is stated of looks, make and use, then the first two sentences of the description.
    At most 100 words, so that nothing of it is cut by the model (256 word pieces)."""
    facts = (
        product.title,
        product.brand or "",
        " ".join((*product.gender, product.product_type or "")).strip(),
        ", ".join(_colors(product)),
        *(", ".join(values) for values in (product.materials, product.patterns, product.fits, product.lengths)),
        *(", ".join(values) for values in (product.occasions, product.seasons, product.styles, product.features)),
        " ".join(_SENTENCE.split(product.description.strip())[:SENTENCES]),
    )
    text = ". ".join(fact.rstrip(".") for fact in facts if fact)
    return " ".join(text.split()[:MAX_WORDS])


def _colors(product: Product) -> list[str]:
    """The shop's own word, then the canonical ones that are not it."""
    own = product.color_name or ""
    return [word for word in (own, *(color for color in product.colors if color.casefold() != own.casefold())) if word]


def text_digest(model_id: str, text: str) -> str:
    """Names the vector that `model_id` gives `text`: SHA-256 of both, hexadecimal."""
    return hashlib.sha256(f"{model_id}\0{text}".encode("utf-8", "surrogatepass")).hexdigest()
