"""What a shopper changes by hand: profile, cart, feedback."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from assistant.cart_checks import checked_codes, checked_lines
from assistant.errors import BadRequest
from assistant.profile_book import taken_back
from assistant.profile_checks import checked_preferences, checked_sizes
from assistant.schema import Cart, CartLine, Conversation, Preference, Profile, ProfileChange, TurnRecord
from assistant.session_caps import check_growth
from assistant.session_door import Door
from assistant.store_records import Feedback, FeedbackReason, FeedbackValue
from catalog_data.schema import Catalog
from catalog_data.vocabulary import Vocabulary
from retrieval.schema import PricedBasket

Sizes = Mapping[str, Mapping[str, str]]
"""Labels by scope and category, as a shopper gives them; empty where one is taken out."""
CheckedSizes = Mapping[str, Mapping[str, Preference | None]]


@dataclass(frozen=True)
class Rules:
    """What the session asks of the rules of profile and shop; pure functions all, and the shop's words.

    `price_cart`: the cart of this shopper (None: a visitor) with all that holds for it now. `edit`: the profile with preferences added,
    removed by id, sizes set, at this turn. `with_feedback`: the profile after a thumb on an item. `infer`: where a known shopper starts.
    """

    price_cart: Callable[[Cart, str | None], PricedBasket]
    edit: Callable[[Profile, Sequence[Preference], Sequence[str], CheckedSizes, int], ProfileChange]
    with_feedback: Callable[[Profile, str, FeedbackValue, FeedbackReason | None], Profile]
    vocabulary: Vocabulary
    infer: Callable[[str], Profile] = lambda _: Profile()


class Edits:
    """The changes, each kept at once. Every method takes the conversation's token."""

    def __init__(self, door: Door, catalog: Catalog, rules: Rules) -> None:
        self._door, self._catalog, self._rules = door, catalog, rules

    def profile(self, conversation_id: str, token: str, client: str | None = None) -> Profile:
        """What is known of the shopper in this conversation."""
        return self.conversation(conversation_id, token, client).profile

    def conversation(self, conversation_id: str, token: str, client: str | None = None) -> Conversation:
        """The conversation as its next turn finds it."""
        with self._door.noting():
            self._door.read(conversation_id, token, client)
            return self._door.loaded(conversation_id).conversation

    def edit_profile(
        self,
        conversation_id: str,
        token: str,
        add: Sequence[Preference] = (),
        remove: Sequence[str] = (),
        sizes: Sizes | None = None,
        client: str | None = None,
    ) -> ProfileChange:
        """The profile with what the shopper changed by hand; the one before is kept for `undo_profile`. Raises `BadRequest` for what the
        shop has no word or size for (`assistant/profile_checks.py`), for an id that is not in force, and for more than a profile holds
        (`assistant/session_caps.py`); then nothing of it is kept."""
        changes: list[ProfileChange] = []
        added = checked_preferences(add, self._rules.vocabulary, self._catalog.brands)
        sized = checked_sizes(sizes or {}, self._rules.vocabulary)

        def change(conversation: Conversation) -> Conversation:
            unknown = set(remove) - {preference.preference_id for preference in conversation.profile.preferences}
            if unknown:
                raise BadRequest(
                    f"remove names {len(unknown)} preference(s) that are not in force; take their ids from the profile."
                )
            made = self._rules.edit(conversation.profile, added, remove, sized, conversation.state.turn)
            check_growth(conversation.profile, made.profile, self._door.limits)
            changes.append(made)
            return self._with_profile(conversation, made.profile)

        kept = self._door.change(conversation_id, token, "profile", change, client=client)
        return changes[-1].model_copy(update={"profile": kept.profile})

    def undo_profile(self, conversation_id: str, token: str, client: str | None = None) -> ProfileChange:
        """The profile before the last change. Raises `BadRequest` where there was none."""
        changes: list[ProfileChange] = []

        def change(conversation: Conversation) -> Conversation:
            if not conversation.undo:
                raise BadRequest("There is no earlier profile to go back to.")
            changes.append(taken_back(conversation.profile, conversation.undo[-1], conversation.state.turn))
            return conversation.model_copy(update={"profile": changes[-1].profile, "undo": conversation.undo[:-1]})

        kept = self._door.change(conversation_id, token, "profile", change, client=client)
        return changes[-1].model_copy(update={"profile": kept.profile})

    def cart(self, conversation_id: str, token: str, client: str | None = None) -> tuple[Cart, PricedBasket]:
        """The cart and what it costs now."""
        conversation = self.conversation(conversation_id, token, client)
        return conversation.cart, self._rules.price_cart(conversation.cart, conversation.shopper_id)

    def change_cart(
        self,
        conversation_id: str,
        token: str,
        lines: Sequence[CartLine] | None = None,
        codes: Sequence[str] | None = None,
        client: str | None = None,
    ) -> tuple[Cart, PricedBasket]:
        """The cart with these lines and these codes instead of its own (None: as they are). Raises `BadRequest`, and `TooMany` for a
        client that gave many unknown codes; then nothing of it is kept."""

        def change(conversation: Conversation) -> Conversation:
            kept = conversation.cart
            cart = Cart(
                lines=checked_lines(lines, self._catalog.by_id) if lines is not None else kept.lines,
                codes=checked_codes(codes) if codes is not None else kept.codes,
            )
            self._count_codes(client, cart, frozenset(cart.codes) - frozenset(kept.codes), conversation.shopper_id)
            return conversation.model_copy(update={"cart": cart, "cart_before": None})

        changed = self._door.change(conversation_id, token, "cart", change, client=client)
        return changed.cart, self._rules.price_cart(changed.cart, changed.shopper_id)

    def _count_codes(self, client: str | None, cart: Cart, new: frozenset[str], shopper_id: str | None) -> None:
        """Counts those of `new` that the shop does not know. All are taken before one is looked at, so that who has used up the
        allowance learns of none whether it is known."""
        if client is None or not new:
            return
        self._door.unknown_codes.take(client, len(new))
        priced = self._rules.price_cart(cart, shopper_id)
        unknown = {offer.code for offer in priced.rejected if offer.reason == "unknown_code"} & new
        self._door.unknown_codes.give_back(client, len(new) - len(unknown))

    def feedback(
        self,
        conversation_id: str,
        token: str,
        turn_id: str,
        value: FeedbackValue,
        product_id: str | None = None,
        reason: FeedbackReason | None = None,
        client: str | None = None,
    ) -> None:
        """Keeps a thumb on an answer, or on an item in it, in place of an earlier one on the same; an item's changes the profile."""
        said = Feedback(turn_id=turn_id, product_id=product_id, value=value, reason=reason, at=self._door.clock.now())

        def change(conversation: Conversation) -> Conversation:
            record = self._door.store.turn(conversation_id, turn_id)
            if record is None:
                raise BadRequest("turn_id names no answered message of this conversation; take it from the answer.")
            if product_id is None:
                return conversation
            if product_id not in _shown(record):
                raise BadRequest("product_id names no item of that answer; take it from the answer's products or outfits.")
            after = self._rules.with_feedback(conversation.profile, product_id, value, reason)
            check_growth(conversation.profile, after, self._door.limits)
            return conversation if after == conversation.profile else self._with_profile(conversation, after)

        self._door.change(conversation_id, token, "feedback", change, said, client)

    def _with_profile(self, conversation: Conversation, profile: Profile) -> Conversation:
        earlier = (*conversation.undo, conversation.profile)[-self._door.limits.undo_steps :]
        return conversation.model_copy(update={"profile": profile, "undo": earlier, "cart_before": None})


def _shown(record: TurnRecord) -> frozenset[str]:
    pieces = (piece.product_id for outfit in record.outfits for piece in outfit.pieces)
    return frozenset((*(card.product_id for card in record.products), *pieces))
