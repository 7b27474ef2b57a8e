"""What follows from how an item is made: its care, the features that its materials bring, and features that rule others out."""

from __future__ import annotations

import random

from catalog_data.schema import Role

_ANIMAL = {
    "leather", "suede", "nubuck", "nappa", "patent leather", "wool", "shearling", "silk", "down", "merino", "cashmere", "alpaca",
}  # fmt: skip
_IMITATION = {"faux leather", "faux suede", "faux fur"}
_METALS = {"metal", "silver", "gold plated", "silver plated", "brass", "steel", "pearl", "glass", "gemstone", "crystal"}
_BRUSHED = {"suede", "nubuck", "faux suede", "shearling", "felt"}
_SKINS = {"leather", "nappa", "patent leather"}
_WIPED = {"faux leather", "rubber", "plastic", "straw", "paper", "polyurethane", "faux pearl"}
_DELICATE = {"silk", "cashmere", "mohair", "alpaca", "leather", "velvet"}
_BY_HAND = {"wool", "merino", "lambswool", "lace", "faux fur"}
_TO_THE_CLEANER = {"suit", "blazer", "suit trousers", "waistcoat", "wool coat", "faux fur coat", "gown", "tie", "bow tie"}


def care_of(rng: random.Random, materials: tuple[str, ...], patterns: tuple[str, ...], product_type: str, role: Role) -> str:
    """The one line on the care label: a key of `care` in words.yaml."""
    made_of, first = set(materials), materials[0]
    if made_of & _METALS:
        return "dry polishing cloth"
    if made_of & _BRUSHED:
        return "dry brush"
    if first in _SKINS and product_type != "skirt":
        return "leather balm"
    if first in _WIPED or product_type == "umbrella" or role in ("shoes", "bag"):
        return "wipe clean"
    if product_type in _TO_THE_CLEANER:
        return "dry clean only"
    if made_of & _DELICATE:
        return rng.choice(("hand wash", "dry clean only"))
    if made_of & _BY_HAND or {"sequinned", "beaded"} & set(patterns):
        return "hand wash"
    return rng.choice(("machine wash at 30", "machine wash at 30", "machine wash at 40"))


def features_of(materials: tuple[str, ...], care: str) -> list[str]:
    """Features that are true because of the materials and the care label."""
    made_of = set(materials)
    return [
        *(["stretch"] if "elastane" in made_of else []),
        *(["organic"] if "organic cotton" in made_of else []),
        *(["recycled"] if "recycled polyester" in made_of else []),
        *(["vegan"] if made_of & _IMITATION and not made_of & _ANIMAL else []),
        *(["machine washable"] if care.startswith("machine wash") else []),
        *(["dry clean"] if care == "dry clean only" else []),
    ]


_SLEEVES = {
    "spaghetti straps", "sleeveless", "short sleeves", "cap sleeves", "three-quarter sleeves", "long sleeves", "puff sleeves",
    "flared sleeves", "strapless",
}  # fmt: skip
_BARE_ARMS = {"halter neck"}
_NO_STRAPS = {"one-shoulder", "off-shoulder", "high neck", "turtleneck"}
_HOLDS_ITSELF = {"sweetheart neckline"}


def without_contradictions(features: list[str]) -> tuple[str, ...]:
    """The features once each, without those that another rules out: a halter neck has no sleeves, a V-neck no strapless top."""
    kept = dict.fromkeys(features)
    present = set(kept)
    if present & _SLEEVES and present & _BARE_ARMS:
        kept = dict.fromkeys([*(name for name in kept if name not in _SLEEVES), "sleeveless"])
    if "spaghetti straps" in kept and present & _NO_STRAPS:
        kept = {("sleeveless" if name == "spaghetti straps" else name): None for name in kept}
    necklines = {name for name in present if name.endswith(("neck", "neckline", "shoulder"))}
    if "strapless" in kept and necklines - _HOLDS_ITSELF:
        kept = {("sleeveless" if name == "strapless" else name): None for name in kept}
    return tuple(kept)
