"""Python as text, for assertions that another program runs."""

from __future__ import annotations

from collections.abc import Iterable

from assistant.evaluation.script import Bounds
from catalog_data.money import MINOR_DIGITS

Line = tuple[str, str | None]
"""The path of an expectation, and the Python expression that is true where it holds; None: it cannot be told from a record."""

NOTHING_BEFORE = "dict(products=[], notices=[], reply=None)"
STORED_BEFORE = 'context["vars"]["before"]'

PRELUDE = f"""\
record, missed = output, []
products, offers, profile = record["products"], record["offers"], record["profile"]
priced = [card["price"]["currency"] for card in products if card["price"]]
unit = 10 ** {dict(MINOR_DIGITS)}.get((priced or ["EUR"])[0], 2)
ids, earlier = [card["product_id"] for card in products], [card["product_id"] for card in before["products"]]
def found(pattern, text):
    return re.search(pattern, text, re.IGNORECASE) is not None
def asked(card):
    return card["price"] and (card["price"]["amount_minor"] + (card["offer"] or dict(amount_minor=0))["amount_minor"]) / unit
def held(scope, slot, polarity):
    of = [each for each in profile["preferences"] if each["scope"] == scope and each["slot"] == slot]
    return [each["value"] for each in of if each["polarity"] == polarity]
def words(values):
    return sorted(set(value.casefold() for value in values if isinstance(value, str)))
def strengths(scope, slot):
    return set(each["strength"] for each in profile["preferences"] if each["scope"] == scope and each["slot"] == slot)
"""
"""What the lines speak of. Amounts are whole units, as in a script; no two braces touch, which promptfoo would read as a template."""


def program(lines: tuple[Line, ...], before: str = NOTHING_BEFORE) -> str | None:
    """The lines as one assertion, which names every path that does not hold; None where there is nothing to check. `before`: the
    expression for the record of the turn before."""
    told = [f"if not ({code}): missed.append({literal(path)})" for path, code in lines if code is not None]
    end = 'return {"pass": not missed, "score": 0 if missed else 1, "reason": "; ".join(missed) or "all held"}'
    return "\n".join(("import re", f"before = {before}", PRELUDE.rstrip("\n"), *told, end)) if told else None


def literal(value: object) -> str:
    """`value` as Python writes it, without a brace in any text: promptfoo reads some of them as a template."""
    return repr(value).replace("{", "\\x7b").replace("}", "\\x7d") if isinstance(value, str) else repr(value)


def literals(values: Iterable[object]) -> str:
    """A list as Python writes it."""
    return f"[{', '.join(map(literal, values))}]"


def within_code(name: str, bounds: Bounds) -> str:
    """An expression that is true where the number `name` is known and within bounds, as `conditions.within` reads them."""
    signs = {"lt": "< {} - 1e-9", "lte": "<= {} + 1e-9", "gt": "> {} + 1e-9", "gte": ">= {} - 1e-9"}
    parts = [f"{name} is not None"]
    for key, bound in bounds.model_dump(exclude_none=True).items():
        parts.append(f"abs({name} - {bound!r}) <= 1e-9" if key == "equals" else f"{name} {signs[key].format(repr(bound))}")
    return " and ".join(parts)
