"""The basket's rules: pure functions from a cart and a change to a new cart and what to say of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from assistant.schema import BasketChange, Cart, CartLine, Profile
from catalog_data.schema import Product, SizeStock
from catalog_data.vocabulary import Vocabulary
from retrieval.schema import BasketLine, PricedBasket, RejectionReason
from retrieval.sizes import audiences, fits, labels

MOST_LINES = 50
MOST_PIECES = 99
MOST_CODES = 10

NEVER: frozenset[RejectionReason] = frozenset({"unknown_code", "expired", "first_order_only", "members_only", "already_used"})
"""Why a code takes nothing off whatever the basket holds; such a code is answered, and not kept."""


def apply(cart: Cart, change: BasketChange, product: Product | None, own: Sequence[SizeStock]) -> tuple[Cart, str]:
    """`cart` after `change` (to `product` where it is about one), and one or two plain sentences that say what was done or what is missing.
    `own`: the shopper's sizes of this product (`own_sizes`)."""
    cart, said = _changed(cart, change, product, own)
    if change.code is None or change.verb == "apply_code":
        return cart, said
    cart, of_code = _with_code(cart, code_of(change))
    return cart, f"{said} {of_code}".strip()


def _changed(cart: Cart, change: BasketChange, product: Product | None, own: Sequence[SizeStock]) -> tuple[Cart, str]:
    match change.verb:
        case "show":
            return cart, ""
        case "clear":
            return Cart(codes=cart.codes), "Your basket is empty now." if cart.lines else "Your basket was empty already."
        case "apply_code":
            return _with_code(cart, code_of(change))
    if product is None:
        return cart, "I do not know which item you mean; name it or give its place on the screen."
    match change.verb:
        case "add":
            return _add(cart, product, change, own)
        case "remove":
            return _remove(cart, product, change.size)
        case _:
            return _alter(cart, product, change)


def lines_of(cart: Cart, by_id: Mapping[str, Product]) -> tuple[BasketLine, ...]:
    """The cart's lines with their items; a line whose item has left the catalog, or has no price, is left out (see `left_out`)."""
    return tuple(
        BasketLine(product=by_id[line.product_id], quantity=line.quantity, size=line.size)
        for line in cart.lines
        if line.product_id in by_id and by_id[line.product_id].price is not None
    )


def left_out(cart: Cart, by_id: Mapping[str, Product]) -> tuple[str, ...]:
    """A sentence for each item of the cart that cannot be priced, in the cart's order."""
    said = []
    for product_id in dict.fromkeys(line.product_id for line in cart.lines):
        product = by_id.get(product_id)
        if product is None:
            said.append("An item of your basket is no longer in the shop; it is not in the sum.")
        elif product.price is None:
            said.append(f"The shop gives no price for {product.title}; it is not in the sum.")
    return tuple(dict.fromkeys(said))


def targets(cart: Cart, change: BasketChange, pointed: Sequence[str]) -> tuple[str | None, ...]:
    """The items that a change is about: those pointed at, else the one that the basket holds, else one that is not known (None); a change
    of the whole basket is about no item, once. What is altered or taken out is what the basket holds of those pointed at ("the shoes", of
    which four are on screen), where it holds any."""
    if change.verb in ("show", "clear", "apply_code"):
        return (None,)
    held = {line.product_id for line in cart.lines}
    meant = tuple(pointed) if change.verb == "add" else tuple(each for each in pointed if each in held) or tuple(pointed)
    return meant or (held.pop() if len(held) == 1 else None,)


def code_of(change: BasketChange) -> str:
    """The code that a change gives, as promotions write it; empty where it gives none."""
    return (change.code or "").strip().upper()


def without_dead_codes(cart: Cart, priced: PricedBasket) -> Cart:
    """The cart without the codes that cannot take anything off, whatever else is put in."""
    dead = _dead(priced)
    return cart.model_copy(update={"codes": tuple(code for code in cart.codes if code not in dead)})


def without_refusals(priced: PricedBasket) -> PricedBasket:
    """What a cart that holds nothing is priced as, without a word of its codes: `of_codes` has answered them."""
    return priced.model_copy(update={"rejected": tuple(offer for offer in priced.rejected if offer.code is None)})


def of_codes(codes: Iterable[str], priced: PricedBasket) -> tuple[str, ...]:
    """A sentence for each of `codes`, given while the basket holds nothing: kept for later, or why it is not."""
    dead = _dead(priced)
    return tuple(f"{dead[code]}." if code in dead else f"I keep the code {code} for your basket." for code in codes)


def _dead(priced: PricedBasket) -> Mapping[str, str]:
    """The codes that are not kept, and what is said of each."""
    return {offer.code: offer.message for offer in priced.rejected if offer.code is not None and offer.reason in NEVER}


def size_names(product: Product) -> tuple[str, ...]:
    """The labels that can be bought now."""
    return tuple(size.label for size in product.sizes if size.in_stock)


def own_sizes(product: Product | None, profile: Profile, scope: str, vocabulary: Vocabulary) -> tuple[SizeStock, ...]:
    """The pieces of `product` in stock that are this person's size, in the product's order; several where she takes either, or where her
    size in another system may be one of two. Her size for this kind of item comes before one for all, and one in the label's own system
    before one that the table of sizes converts."""
    own = [p for p in profile.in_scope(scope) if p.slot == "size" and p.polarity == "like"]
    if product is None or not own:
        return ()
    special = [p for p in own if p.category and product.product_type in vocabulary.expand("category", p.category)]
    wanted = [(p.size_system or "alpha", str(p.value)) for p in special or [p for p in own if p.category is None]]
    there = [size for size in product.sizes if size.in_stock and size.system != "one"]
    same = [pair for pair in wanted if pair[0] in {size.system for size in there}]
    audience = audiences(product.gender)
    return tuple(size for size in there if any(fits(system, label, size, audience) for system, label in same or wanted))


def sizes_held(cart: Cart, product: Product | None) -> tuple[SizeStock, ...]:
    """The size in which the basket holds `product` ("another pair" is one more of that); none where it holds none, or several."""
    if product is None:
        return ()
    labels_held = {line.size for line in cart.lines if line.product_id == product.product_id}
    return tuple(size for size in product.sizes if size.in_stock and size.label in labels_held) if len(labels_held) == 1 else ()


def sizes_to_choose(change: BasketChange, product: Product | None, own: Sequence[SizeStock]) -> tuple[str, ...]:
    """The sizes of which one must be named before the item can go in, her own where she has several; none where its size is known, or there
    is nothing to choose."""
    if change.verb != "add" or product is None or product.price is None or _wanted_size(product, change.size, own):
        return ()
    return _choice(product, change.size, own)


def _choice(product: Product, asked: str | None, own: Sequence[SizeStock]) -> tuple[str, ...]:
    return tuple(size.label for size in own) if own and asked is None else size_names(product)


def _with_code(cart: Cart, code: str) -> tuple[Cart, str]:
    if not code:
        return cart, "I did not see which code you mean; write it as it was given to you."
    if code in cart.codes:
        return cart, ""
    if len(cart.codes) >= MOST_CODES:
        return cart, f"A basket takes {MOST_CODES} codes at most; {code} was not added."
    return cart.model_copy(update={"codes": (*cart.codes, code)}), ""


def _wanted_size(product: Product, asked: str | None, own: Sequence[SizeStock]) -> SizeStock | None:
    """The size to put in: the one asked for, else the only one, else the shopper's own where she has one here."""
    if asked is not None:
        return _in_stock(product, asked)
    if len(product.sizes) == 1:
        return next((size for size in product.sizes if size.in_stock), None)
    return own[0] if len(own) == 1 else None


def _in_stock(product: Product, label: str) -> SizeStock | None:
    """The size in stock that is called `label`, else one that covers it ("39/40" is 39, "2XL" is XXL)."""
    there = [size for size in product.sizes if size.in_stock]
    exact = next((size for size in there if size.label.casefold() == label.casefold()), None)
    return exact or next((size for size in there if labels(size.system, label) & labels(size.system, size.label)), None)


def _add(cart: Cart, product: Product, change: BasketChange, own: Sequence[SizeStock]) -> tuple[Cart, str]:
    if product.price is None:
        return cart, f"The shop gives no price for {product.title}, so it cannot be put in the basket."
    size = _wanted_size(product, change.size, own)
    if product.sizes and size is None:
        return cart, _size_missing(product, change.size, own)
    label = size.label if size is not None else None
    same = next((line for line in cart.lines if line.product_id == product.product_id and line.size == label), None)
    if same is None and len(cart.lines) >= MOST_LINES:
        return cart, f"A basket holds {MOST_LINES} lines at most; take one out first."
    total = (change.quantity or 1) + (same.quantity if same else 0)
    where = f" in {label}" if size is not None and size.system != "one" else ""
    if size is not None and size.stock is not None and total > size.stock:
        return cart, f"Of {product.title}{where} only {size.stock} can be had; your basket stays as it was."
    if total > MOST_PIECES:
        return cart, f"A basket holds {MOST_PIECES} pieces of one item at most; it stays as it was."
    line = CartLine(product_id=product.product_id, quantity=total, size=label, price_minor=product.price.amount_minor)
    lines = tuple(line if each == same else each for each in cart.lines) if same else (*cart.lines, line)
    unsized = "; the shop gives no sizes for it" if change.size is not None and not product.sizes else ""
    pieces = f"{total} × " if total > 1 else ""
    return cart.model_copy(update={"lines": lines}), f"In your basket now: {pieces}{product.title}{where}{unsized}."


def _size_missing(product: Product, asked: str | None, own: Sequence[SizeStock]) -> str:
    names = _choice(product, asked, own)
    if not names:
        return f"Sold out: {product.title}."
    if asked is not None:
        return f"In {asked} there is no {product.title}; there is {', '.join(names)}."
    return f"Which size of {product.title} shall it be: {', '.join(names)}?"


def _remove(cart: Cart, product: Product, size: str | None = None) -> tuple[Cart, str]:
    """Without the item, in this size where one is named."""
    rest = tuple(line for line in cart.lines if line.product_id != product.product_id or size not in (None, line.size))
    if len(rest) == len(cart.lines):
        return cart, f"Your basket does not hold {product.title}."
    return cart.model_copy(update={"lines": rest}), f"Taken out of your basket: {product.title}."


def _alter(cart: Cart, product: Product, change: BasketChange) -> tuple[Cart, str]:
    """With another quantity or size of the item; of several sizes of it, the one put in last is meant."""
    line = next((line for line in reversed(cart.lines) if line.product_id == product.product_id), None)
    if line is None:
        return cart, f"Your basket does not hold {product.title}."
    if change.verb == "set_quantity" and change.quantity == 0:
        return _remove(cart, product, line.size)
    rest = cart.model_copy(update={"lines": tuple(other for other in cart.lines if other != line)})
    label = change.size if change.size is not None else line.size
    wanted = BasketChange(verb="add", quantity=change.quantity or line.quantity, size=label)
    altered, said = _add(rest, product, wanted, ())
    return (cart, said) if altered == rest else (altered, said)
