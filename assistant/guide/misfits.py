"""What an item does not meet of the wishes, and what the shop does not say: clauses made from its checks. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from assistant.guide.closed_facts import ClosedFacts
from assistant.guide.english import listed
from assistant.guide.references import plain
from assistant.guide.wording import Speaker
from assistant.schema import Language
from catalog_data.money import format_minor
from catalog_data.schema import VALUE_SLOTS, Product, Slot, ValueSlot
from catalog_data.vocabulary import Term
from retrieval.schema import Check, RankedItem

MOST = 2


def _said(check: Check, facts: ClosedFacts) -> bool:
    """True when the shop's own words settle in the shopper's favour what its fields leave open."""
    if check.slot not in VALUE_SLOTS:
        return False
    if check.value.startswith("not "):
        return Term(slot=check.slot, value=check.value.removeprefix("not ")) in facts.denied_terms
    return any(Term(slot=check.slot, value=value) in facts.terms for value in check.value.split(" or "))


class Misfits:
    """The misfits of the items shown together. `shared`: what holds of all of them is said once, not for each."""

    def __init__(
        self,
        items: Sequence[RankedItem],
        speaker: Speaker,
        language: Language,
        stated: Mapping[str, ClosedFacts],
        slots: Collection[Slot],
    ) -> None:
        """`stated`: by product id, all that the shop says, in its texts too: where it says there what was wished for, there is no doubt.
        `slots`: those of what the shopper said; nobody is told that an item misses a wish that she never voiced."""
        self._speaker = speaker
        self._language = language
        self._stated = stated
        self._slots = frozenset(slots)
        doubts = [{(c.slot, c.value, c.status) for c in self._doubts(item)} for item in items]
        self._shared = frozenset.intersection(*map(frozenset, doubts)) if len(items) > 1 else frozenset()
        self._first = items[0] if items else None

    def shared(self) -> str:
        """The first doubt that all items share, of all of them; empty where there is none."""
        if self._first is None:
            return ""
        for check in self._first.checks:
            if (check.slot, check.value, check.status) in self._shared:
                text = self._shared_unknown(check) if check.status == "unknown" else self._shared_unmet(check)
                if text:
                    return text
        return ""

    def unmet(self, item: RankedItem) -> str:
        """The soft wishes that the item alone fails, as a clause; empty where there are none."""
        several = self._speaker.several(item.product.product_type)
        return ", and ".join([t for c in self._own(item, "unmet") if (t := self._unmet(c, item.product, several))][:MOST])

    def unknown(self, item: RankedItem) -> str:
        """What the shop does not say of this item though it was asked for, as a clause; empty where there is nothing."""
        several = self._speaker.several(item.product.product_type)
        questions = [t for c in self._own(item, "unknown") if (t := self.question(c.slot, c.value, several))]
        return f"the shop does not say {listed(questions[:MOST], 'or')}" if questions else ""

    def _own(self, item: RankedItem, status: str) -> Iterable[Check]:
        return [c for c in self._doubts(item) if c.status == status and (c.slot, c.value, c.status) not in self._shared]

    def _doubts(self, item: RankedItem) -> list[Check]:
        facts = self._stated.get(item.product.product_id, ClosedFacts())
        return [c for c in item.checks if c.status != "met" and c.slot in self._slots and not _said(c, facts)]

    def question(self, slot: str, wanted: str, several: bool, subject: str = "") -> str:
        """What would have to be known: "whether it is waterproof", "who makes it"; empty where price speaks for itself. `subject`: a name
        to use for "it"."""
        it = subject or ("they" if several else "it")
        them = subject or ("them" if several else "it")
        is_, has, comes = ("are", "have", "come") if several else ("is", "has", "comes")
        negative, value = wanted.startswith("not "), wanted.removeprefix("not ")
        if slot in ("material", "color", "pattern") and negative:
            return f"whether there is {value} in {them}"
        special = {
            "material": f"whether {it} {is_} made of {value}",
            "rating": f"how {it} {is_} rated",
            "size": f"which sizes {it} {comes} in",
            "brand": f"who makes {them}",
        }
        if slot in special:
            return special[slot]
        if slot not in VALUE_SLOTS:
            return ""
        said = self._complements(slot, value, several)
        if said.startswith("with "):
            return f"whether {it} {has} {said.removeprefix('with ')}"
        return f"whether {it} {is_} {'meant ' if said.startswith('for ') else ''}{said}"

    def _complements(self, slot: ValueSlot, wanted: str, several: bool) -> str:
        return listed([self._speaker.complement(slot, value, several) for value in wanted.split(" or ")], "or")

    def _unmet(self, check: Check, product: Product, several: bool) -> str:
        it, is_ = ("they", "are") if several else ("it", "is")
        slot = check.slot
        if slot == "price":
            return self._price_unmet(check.value, product, f"{it} {is_}")
        if slot == "size":
            return f"{it} {is_} not there in {plain(check.value.rpartition(' ')[2], 20)}"
        if slot == "rating":
            return f"{it} {is_} rated below what you named"
        if check.value.startswith("not "):
            value = check.value.removeprefix("not ")
            said = self._complements(slot, value, several)
            verb = ("have " if several else "has ") if said.startswith("with ") else f"{is_} "
            return f"{it} {verb}{said.removeprefix('with ')}, which you would rather not have"
        return self._positive_unmet(slot, check.value, product, several)

    def _positive_unmet(self, slot: ValueSlot, wanted: str, product: Product, several: bool) -> str:
        it, is_ = ("they", "are") if several else ("it", "is")
        if slot == "brand":
            by = f"by {plain(product.brand, 60)}, " if product.brand else ""
            return f"{it} {is_} {by}not by {plain(wanted, 60)}"
        wish = self._complements(slot, wanted, several)
        if slot in ("feature", "occasion", "season", "style") or not product.values(slot):
            if wish.startswith("with "):
                return (
                    f"{it} {'have' if several else 'has'} no {wish.removeprefix('with ').removeprefix('a ').removeprefix('an ')}"
                )
            return f"{it} {is_} not {'listed ' if wish.startswith('for ') else ''}{wish}"
        stated = self._speaker.complements([(slot, value) for value in product.values(slot)[:2]], several)
        return f"{it} {is_} {stated}, not {wish}"

    def _price_unmet(self, bounds: str, product: Product, lead: str) -> str:
        low, _, high = bounds.partition("..")
        if product.price is None:
            return ""
        amount, currency = product.price.amount_minor, product.price.currency
        if high and amount > float(high):
            return f"{lead} {format_minor(amount - int(float(high)), currency, self._language)} over what you had in mind"
        if low and amount < float(low):
            return f"{lead} {format_minor(int(float(low)) - amount, currency, self._language)} under what you had in mind"
        return ""

    def _shared_unknown(self, check: Check) -> str:
        question = self.question(check.slot, check.value, True)
        return f"the shop does not say of any of them {question}" if question else ""

    def _shared_unmet(self, check: Check) -> str:
        slot, wanted = check.slot, check.value
        if slot not in VALUE_SLOTS or slot == "brand":
            return ""
        said = self._complements(slot, wanted.removeprefix("not "), True)
        if wanted.startswith("not "):
            return f"all of them {'have ' + said.removeprefix('with ') if said.startswith('with ') else 'are ' + said}, against your wish"
        listed_for = "is listed " if said.startswith("for ") else "is "
        return f"none of them {'has ' + said.removeprefix('with ') if said.startswith('with ') else listed_for + said}"
