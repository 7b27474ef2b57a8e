"""catalog.yaml, promotions.yaml and policy.md: what the catalog says of itself, takes off and promises."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from catalog_data.cleaning import clean_text
from catalog_data.errors import CatalogUnreadable
from catalog_data.native.products import PRODUCTS
from catalog_data.reading import Folder, Problems, shown, validated, yaml_items
from catalog_data.schema import Manifest, PolicySection, Promotion
from catalog_data.vocabulary import Vocabulary, normalise

MANIFEST = "catalog.yaml"
PROMOTIONS = "promotions.yaml"
POLICY = "policy.md"


def read_manifest(folder: Folder) -> Manifest:
    """Without a currency nothing can be priced, so a manifest with any fault is refused whole."""
    lines = folder.lines(MANIFEST)
    here = folder.path / MANIFEST
    try:
        value, _ = yaml_items("\n".join(_all_text(lines)))
    except ValueError as error:
        raise CatalogUnreadable(f"{here}: found {error}; allowed: a YAML map of Manifest's fields") from error
    if not isinstance(value, dict):
        raise CatalogUnreadable(f"{here}: found {type(value).__name__}; allowed: a YAML map of Manifest's fields")
    faults = Problems()
    manifest = validated(Manifest, {str(key): inner for key, inner in value.items()}, MANIFEST, None, faults, many=False)
    if manifest is None:
        raise CatalogUnreadable(f"{folder.path}: {'; '.join(str(fault) for fault in faults.all())}; mend them, then load again")
    for fault in faults.all():
        folder.problems.add(fault.file, fault.found, fault.allowed, at=fault.field, severity=fault.severity)
    return manifest


def _all_text(lines: Iterable[str | None]) -> Iterator[str]:
    for line in lines:
        if line is None:
            raise ValueError("bytes that are not UTF-8")
        yield line.rstrip("\r")


def read_promotions(folder: Folder, known: frozenset[str], vocabulary: Vocabulary) -> tuple[Promotion, ...]:
    problems = folder.problems
    try:
        value, items = yaml_items("\n".join(_all_text(folder.lines(PROMOTIONS))))
    except ValueError as error:
        problems.add(PROMOTIONS, str(error), "a YAML list of promotions")
        return ()
    if not isinstance(value, list):
        if value is not None:
            problems.add(PROMOTIONS, type(value).__name__, "a YAML list of promotions")
        return ()
    kept: dict[str, Promotion] = {}
    for line, row in items:
        if not isinstance(row, dict):
            problems.add(PROMOTIONS, shown(row), "a map of Promotion's fields", line=line)
            continue
        promotion = validated(Promotion, {str(key): inner for key, inner in row.items()}, PROMOTIONS, line, problems, many=False)
        if promotion is None or not _scope_holds(promotion, line, known, vocabulary, problems):
            continue
        if promotion.promotion_id in kept:
            problems.add(
                PROMOTIONS, f"{promotion.promotion_id} again", "an id once; the first stays", line=line, at="promotion_id"
            )
        else:
            kept[promotion.promotion_id] = promotion
    return tuple(kept.values())


def _scope_holds(promotion: Promotion, line: int, known: frozenset[str], vocabulary: Vocabulary, problems: Problems) -> bool:
    """Refuses a promotion whose scope names an unknown category or gender: without the word it would take money off too much."""
    scope = promotion.scope
    holds = True
    for at, slot in (("categories", "category"), ("excluded_categories", "category"), ("genders", "gender")):
        for word in getattr(scope, at):
            if word not in vocabulary.values("category" if slot == "category" else "gender"):
                problems.add(PROMOTIONS, shown(word), f"a value of the vocabulary's {slot}", line=line, at=f"scope.{at}")
                holds = False
    for at in ("product_ids", "excluded_product_ids"):
        for product_id in getattr(scope, at):
            if product_id not in known:
                allowed = f"an id of {PRODUCTS}"
                problems.add(PROMOTIONS, shown(product_id), allowed, line=line, at=f"scope.{at}", severity="warning", many=True)
    return holds


_MARKUP: tuple[tuple[str, str], ...] = (
    (r"(?m)^#{3,}\s*(.*?)\s*#*$", r"\1"),
    (r"!?\[([^\]]*)\]\([^)]*\)", r"\1"),
    (r"(\*\*|__|`)(.+?)\1", r"\2"),
    (r"(?<![\w*])([*_])(?=\S)(.+?)(?<=\S)\1(?![\w*])", r"\2"),
    (r"\n{3,}", "\n\n"),
)


def read_policy(folder: Folder) -> tuple[PolicySection, ...]:
    """The `## Heading` sections as plain text; what stands before the first heading is the page's title and is left out."""
    try:
        text = clean_text("\n".join(_all_text(folder.lines(POLICY))))
    except ValueError as error:
        folder.problems.add(POLICY, str(error), "text in UTF-8")
        return ()
    anchors: Counter[str] = Counter()
    sections: list[PolicySection] = []
    for part in re.split(r"(?m)^##(?!#)[ \t]*", text)[1:]:
        heading, _, body = part.partition("\n")
        for pattern, plain in _MARKUP:
            body = re.sub(pattern, plain, body)
        heading = heading.strip(" #\t")
        slug = normalise(heading).replace(" ", "-") or "section"
        anchors[slug] += 1
        anchor = slug if anchors[slug] == 1 else f"{slug}-{anchors[slug]}"
        sections.append(PolicySection(heading=heading, anchor=anchor, text=body.strip()))
    if text.strip() and not sections:
        folder.problems.add(POLICY, "no '## Heading'", "sections under '## Heading' lines", severity="warning")
    return tuple(sections)
