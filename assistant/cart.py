"""The basket's rules: pure functions from a cart and a change to a new cart and what to say of it."""

from __future__ import annotations

from collections.abc import Mapping

from assistant.schema import BasketChange, Cart, CartLine, Profile
from catalog_data.schema import Product, SizeStock
from retrieval.schema import BasketLine

MOST_LINES = 50
MOST_PIECES = 99


def apply(cart: Cart, change: BasketChange, product: Product | None, profile: Profile, scope: str) -> tuple[Cart, str]:
    """`cart` after `change` (to `product` where it is about one), and one plain sentence that says what was done or what is missing."""
    match change.verb:
        case "show":
            return cart, ""
        case "clear":
            return Cart(codes=cart.codes), "Your basket is empty now."
        case "apply_code":
            code = (change.code or "").strip().upper()
            return (cart.model_copy(update={"codes": tuple(dict.fromkeys([*cart.codes, code]))}) if code else cart), ""
    if product is None:
        return cart, "I do not know which item you mean; name it or give its place on the screen."
    match change.verb:
        case "add":
            return _add(cart, product, change, _wanted_size(product, change.size, profile, scope))
        case "remove":
            return _remove(cart, product)
        case _:
            return _alter(cart, product, change)


def lines_of(cart: Cart, by_id: Mapping[str, Product]) -> tuple[BasketLine, ...]:
    """The cart's lines with their items; a line whose item has left the catalog, or has no price, is left out."""
    return tuple(
        BasketLine(product=by_id[line.product_id], quantity=line.quantity, size=line.size)
        for line in cart.lines
        if line.product_id in by_id and by_id[line.product_id].price is not None
    )


def size_names(product: Product) -> tuple[str, ...]:
    """The labels that can be bought now."""
    return tuple(size.label for size in product.sizes if size.in_stock)


def _wanted_size(product: Product, asked: str | None, profile: Profile, scope: str) -> SizeStock | None:
    """The size to put in: the one asked for, else the only one, else the shopper's own where the item has it."""
    available = {size.label.casefold(): size for size in product.sizes if size.in_stock}
    if asked is not None:
        return available.get(asked.casefold())
    if len(product.sizes) == 1:
        return next(iter(available.values()), None)
    own = [p.value for p in profile.in_scope(scope) if p.slot == "size" and isinstance(p.value, str)]
    return next((available[label.casefold()] for label in own if label.casefold() in available), None)


def _add(cart: Cart, product: Product, change: BasketChange, size: SizeStock | None) -> tuple[Cart, str]:
    if product.price is None:
        return cart, f"{product.title} has no price in the shop's catalog, so it cannot be put in the basket."
    if product.sizes and size is None:
        return cart, _size_missing(product, change.size)
    if len(cart.lines) >= MOST_LINES:
        return cart, f"A basket holds {MOST_LINES} lines at most; take one out first."
    label = size.label if size is not None else None
    quantity = change.quantity or 1
    same = next((line for line in cart.lines if line.product_id == product.product_id and line.size == label), None)
    total = min(MOST_PIECES, quantity + (same.quantity if same else 0))
    if size is not None and size.stock is not None and total > size.stock:
        return cart, f"Of {product.title} in {label} only {size.stock} can be had; nothing was added."
    line = CartLine(product_id=product.product_id, quantity=total, size=label, price_minor=product.price.amount_minor)
    rest = tuple(other for other in cart.lines if other != same)
    where = f" in {label}" if label and size is not None and size.system != "one" else ""
    return cart.model_copy(update={"lines": (*rest, line)}), f"{product.title}{where} is in your basket."


def _size_missing(product: Product, asked: str | None) -> str:
    names = size_names(product)
    if not names:
        return f"{product.title} is sold out."
    if asked is not None:
        return f"{product.title} cannot be had in {asked}; there is {', '.join(names)}."
    return f"Which size of {product.title} shall it be: {', '.join(names)}?"


def _remove(cart: Cart, product: Product) -> tuple[Cart, str]:
    rest = tuple(line for line in cart.lines if line.product_id != product.product_id)
    if len(rest) == len(cart.lines):
        return cart, f"{product.title} was not in your basket."
    return cart.model_copy(update={"lines": rest}), f"{product.title} is out of your basket."


def _alter(cart: Cart, product: Product, change: BasketChange) -> tuple[Cart, str]:
    line = next((line for line in cart.lines if line.product_id == product.product_id), None)
    if line is None:
        return cart, f"{product.title} was not in your basket."
    if change.verb == "set_quantity" and change.quantity == 0:
        return _remove(cart, product)
    rest = cart.model_copy(update={"lines": tuple(other for other in cart.lines if other != line)})
    quantity = change.quantity if change.quantity is not None else line.quantity
    label = change.size if change.size is not None else line.size
    size = next(
        (size for size in product.sizes if size.in_stock and label is not None and size.label.casefold() == label.casefold()),
        None,
    )
    altered, said = _add(rest, product, BasketChange(verb="add", quantity=quantity, size=label), size)
    return (cart, said) if altered == rest else (altered, said)
