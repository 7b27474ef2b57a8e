"""What a simulated shopper does with items that are right: takes one, turns one down, asks about it first, or looks on."""

from __future__ import annotations

from assistant.evaluation.mind import Finished, Mind, Utterance
from assistant.evaluation.need import breaks, meets
from assistant.schema import TurnRecord
from catalog_data.schema import Product, ValueSlot
from retrieval.schema import SizeConstraint, ValueConstraint

REJECT_SHARE, BROWSE_SHARE, DISLIKE_SHARE = 0.15, 0.1, 0.5
CARE_WORDS = ("wash", "washed", "washable", "washing", "clean", "cleaned", "cleaning", "brush", "balm")
TASTES: tuple[ValueSlot, ...] = ("brand", "color", "material", "pattern")


class Chooser(Mind):
    """A mind that can choose among what is on the screen."""

    def _right(self) -> list[int]:
        return [
            index
            for index, product in enumerate(self._products)
            if product.product_id not in self.rejected and meets(self.need, product, self._draw.vocabulary)
        ]

    def _take_chosen(self, last: TurnRecord) -> Utterance | None:
        """What she asked about, or saw before she asked for more and now finds nothing better than."""
        chosen = self._chosen
        if chosen is None or chosen.product_id in self.rejected or not meets(self.need, chosen, self._draw.vocabulary):
            return None
        if "asked" in self._once or not self._right():
            return self._accept(last, chosen)
        return None

    def _take(self, last: TurnRecord) -> Utterance | None:
        """A right item is on the screen: mostly she takes it, the target first; before that she may turn one down, look on, or ask."""
        right = self._right()
        if not right:
            return None
        wanted = [index for index in right if self._products[index].product_id == self.need.target_product_id]
        index = (wanted or right)[0]
        product = self._products[index]
        if "rejected" not in self._once and self._rng.random() < REJECT_SHARE:
            self._once.add("rejected")
            refused = self._reject(last)
            if refused is not None:
                return refused
        if "browsed" not in self._once and self._rng.random() < BROWSE_SHARE:
            self._once.add("browsed")
            self._chosen = product
            return self._utter(self._speaker.pick("browse"), "browse")
        if self.need.requests and "asked" not in self._once:
            return self._ask(last, index)
        return self._accept(last, product)

    def _reject(self, last: TurnRecord) -> Utterance | None:
        others = [index for index, product in enumerate(self._products) if product.product_id != self.need.target_product_id]
        if not others:
            return None
        index = self._rng.choice(others)
        product = self._products[index]
        self.rejected.append(product.product_id)
        which = self._speaker.point(last.products, self._products, index)
        dislike = self._dislike(product) if self._rng.random() < DISLIKE_SHARE else None
        if dislike is None:
            return self._utter(self._speaker.pick("reject.taste", which=which), "reject", product=product)
        self.need = self.need.model_copy(update={"constraints": (*self.need.constraints, dislike)})
        self._note(dislike)
        text = self._speaker.pick(f"reject.{dislike.slot}", which=which, v=self._speaker.named(dislike))
        return self._utter(text, "reject", product=product)

    def _dislike(self, product: Product) -> ValueConstraint | None:
        """Something of the item that she need not want: of no slot that she has a wish in, and not of her target."""
        target = self._draw.by_id.get(self.need.target_product_id or "")
        slots = [slot for slot in TASTES if product.values(slot) and all(wish.slot != slot for wish in self.need.constraints)]
        wishes = [ValueConstraint(slot=slot, values=product.values(slot)[:1], negative=True) for slot in slots]
        fair = [wish for wish in wishes if target is not None and not breaks(target, wish, self._draw.vocabulary)]
        return self._rng.choice(fair) if fair else None

    def _ask(self, last: TurnRecord, index: int) -> Utterance:
        """A question about the item, before she takes it."""
        self._once.add("asked")
        product, request = self._products[index], self.need.requests[0]
        self._chosen = product
        size = next((wish for wish in self.need.constraints if wish.slot == "size"), None) or self._draw.size(product, self._rng)
        if request == "size" and size is None:
            request = "material"
        label = self._speaker.named(size) if size is not None else ""
        sizes = (label, size.label) if isinstance(size, SizeConstraint) else ()
        expects = {"care": (*CARE_WORDS, *product.care), "material": product.materials, "size": sizes}
        which = self._speaker.point(last.products, self._products, index)
        said = self._utter(self._speaker.pick(f"ask.{request}", which=which, v=label), "ask", product=product)
        return said.model_copy(update={"expects": expects[request]})

    def _accept(self, last: TurnRecord, product: Product) -> Utterance:
        finished: Finished = "settled" if "settled" in self._once else "bought"
        if product not in self._products:
            text = self._speaker.pick("accept.which", which=self._speaker.pick("point.title", title=product.title))
        elif len(self._products) == 1:
            text = self._speaker.pick("accept.it")
        else:
            place = self._products.index(product)
            text = self._speaker.pick("accept.which", which=self._speaker.point(last.products, self._products, place))
        return self._utter(text, "accept", finished, product)
