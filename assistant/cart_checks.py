"""What a cart sent from outside must obey before it is kept. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from assistant.cart import MOST_CODES, MOST_LINES, MOST_PIECES, size_names
from assistant.errors import BadRequest
from assistant.schema import CartLine
from catalog_data.schema import Product

_CODE = re.compile(r"[A-Z0-9][A-Z0-9_-]{0,39}")


def checked_lines(lines: Sequence[CartLine], by_id: Mapping[str, Product]) -> tuple[CartLine, ...]:
    """`lines` with the catalog's own size labels and prices, equal ones joined, in order of first mention.

    Raises `BadRequest` for an unknown or unpriced item, a size that it has not, more pieces than are left, 1 to 99 pieces, 50 lines.
    """
    joined: dict[tuple[str, str | None], CartLine] = {}
    for number, line in enumerate(lines, 1):
        product = by_id.get(line.product_id)
        if product is None:
            raise BadRequest(
                f"Line {number} names an item that this shop does not have; leave it out, or use an id from the cards."
            )
        if product.price is None:
            raise BadRequest(
                f"Line {number}: {product.title} has no price in this shop, so it cannot be bought here; leave it out."
            )
        size = _size(number, product, line.size)
        same = joined.get((line.product_id, size))
        quantity = line.quantity + (same.quantity if same is not None else 0)
        _check_quantity(number, product, size, quantity)
        joined[line.product_id, size] = CartLine(
            product_id=line.product_id, quantity=quantity, size=size, price_minor=product.price.amount_minor
        )
        _check_total(number, product, sum(each.quantity for each in joined.values() if each.product_id == line.product_id))
    if len(joined) > MOST_LINES:
        raise BadRequest(f"The cart has {len(joined)} lines; {MOST_LINES} are allowed; leave some out.")
    return tuple(joined.values())


def _size(number: int, product: Product, asked: str | None) -> str | None:
    """The catalog's label for the size asked for; the only one where none was; None where it is still to be chosen."""
    names = size_names(product)
    if product.sizes and not names:
        raise BadRequest(f"Line {number}: {product.title} is sold out; leave it out.")
    if asked is None:
        return names[0] if len(product.sizes) == 1 else None
    found = next((name for name in names if name.casefold() == asked.strip().casefold()), None)
    if found is None:
        offered = f"it can be had in {', '.join(names)}" if names else "it comes without sizes"
        raise BadRequest(f"Line {number}: {product.title} cannot be had in the size asked for; {offered}.")
    return found


def _check_quantity(number: int, product: Product, size: str | None, quantity: int) -> None:
    if quantity > MOST_PIECES:
        raise BadRequest(f"Line {number}: {quantity} pieces of {product.title}; 1 to {MOST_PIECES} are allowed.")
    stock = next((each.stock for each in product.sizes if each.label == size), None)
    if stock is not None and quantity > stock:
        raise BadRequest(f"Line {number}: of {product.title} in {size} only {stock} can be had; ask for {stock} or fewer.")


def _check_total(number: int, product: Product, pieces: int) -> None:
    """Of all sizes together, for lines whose size is still to be chosen."""
    stocks = [each.stock for each in product.sizes if each.stock is not None]
    if stocks and len(stocks) == len(product.sizes) and pieces > sum(stocks):
        raise BadRequest(
            f"Line {number}: {pieces} pieces of {product.title}; in all sizes together only {sum(stocks)} can be had; ask for fewer."
        )


def checked_codes(codes: Sequence[str]) -> tuple[str, ...]:
    """Codes in capitals, each once. Whether one is worth anything the receipt says. Raises `BadRequest` for what cannot be a code."""
    upper = tuple(dict.fromkeys(code.strip().upper() for code in codes))
    if len(upper) > MOST_CODES:
        raise BadRequest(f"{len(upper)} codes were given; {MOST_CODES} are allowed; leave some out.")
    for number, code in enumerate(upper, 1):
        if not _CODE.fullmatch(code):
            raise BadRequest(f"Code {number} cannot be a code: letters, digits, - and _ are allowed, 40 at most.")
    return upper
