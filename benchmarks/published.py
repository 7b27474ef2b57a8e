"""Figures that others give for data that a benchmark may be run on, with their source. They were not measured here."""

from __future__ import annotations

from benchmarks.table import Row

BEAUTY = (22_363, 12_101)
"""Users and items of Amazon Beauty, 5-core, by which the file is known."""
NEXT_ITEM = (
    ("SASRec", 0.0605, 0.0318, "a"),
    ("S3-Rec", 0.0647, 0.0327, "a"),
    ("TIGER", 0.0648, 0.0384, "a"),
    ("ActionPiece", 0.0775, 0.0424, "b"),
    ("HSTU", 0.0788, 0.0439, "c"),
    ("FuXi-alpha", 0.0809, 0.0451, "c"),
    ("eSASRec", 0.0928, 0.0523, "c"),
    ("SASRec with sampled softmax", 0.0921, 0.0531, "c"),
)
"""Sequence models on Amazon Beauty, leave-one-out over all items: name, HR@10, nDCG@10, source."""
SOURCES = (
    "published, on the same data and protocol: (a) Rajput et al., Recommender systems with generative retrieval, 2023; (b) Hou et al., "
    "ActionPiece: contextually tokenizing action sequences for generative recommendation, 2025; (c) Tikhonovich et al., eSASRec: enhancing "
    "transformer-based recommendations in a modular fashion, 2025",
)


def published(users: int, items: int) -> tuple[tuple[Row, ...], tuple[str, ...]]:
    """The rows and their sources for data of this size; none for data that nobody published on."""
    if (users, items) != BEAUTY:
        return (), ()
    rows = tuple(
        Row(system=f"{name} ({source})", source="published", figures={"hr@10": hit, "ndcg@10": gain})
        for name, hit, gain, source in NEXT_ITEM
    )
    return rows, SOURCES
