"""The profile beside the chat: each entry a chip with the words that say it, removable, undoable, and a way to add one. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.interface.markup import Html, button, joined, tag, text
from assistant.schema import ME, Conversation, Preference, PriceRange, RatingRange
from catalog_data.money import format_money
from catalog_data.schema import VALUE_SLOTS, Money

SLOT_NAMES = {"color": "colour", "category": "kind", "gender": "for"}


def panel(conversation: Conversation | None, currency: str, demo_shoppers: Sequence[tuple[str, str]]) -> Html:
    """Everything known of the shopper. `demo_shoppers`: (id, label) of made-up shoppers whose history may be tried on, before a chat."""
    nothing = tag("p", text("Nothing yet. What you say stands here, with your words, and you can change it."), class_="sg-muted")
    if conversation is None:
        return _drawer(0, joined((nothing, _shoppers(demo_shoppers))))
    parts: list[str] = [] if conversation.profile.preferences else [nothing]
    scopes = list(dict.fromkeys([ME, *(preference.scope for preference in conversation.profile.preferences)]))
    for scope in scopes:
        parts.append(_scope(scope, conversation.profile.in_scope(scope), currency))
    parts.append(_counts(conversation))
    parts.append(_add_form())
    undo = button("Undo", "undo", class_="sg-quiet", disabled=not conversation.undo)
    parts.append(tag("div", joined((undo, button("Forget me", "forget_me", class_="sg-quiet sg-danger"))), class_="sg-tools"))
    return _drawer(len(conversation.profile.preferences), joined(parts))


def _drawer(wishes: int, body: Html) -> Html:
    """Folds away on a narrow page; always open on a wide one."""
    count = tag("span", text(f" ({wishes} {'wish' if wishes == 1 else 'wishes'})"), class_="sg-count") if wishes else Html("")
    heading = tag("h2", text("What I know of you"), count)
    return tag("details", tag("summary", heading), body, class_="sg-profile", data_keep="profile")


def wish(preference: Preference, currency: str) -> str:
    """A preference in a few words: "not lace", "up to €80.00", "ideally linen"."""
    value = preference.value
    if isinstance(value, PriceRange):
        bounds = [(word, bound) for word, bound in (("from", value.min), ("up to", value.max)) if bound is not None]
        said = " ".join(f"{word} {format_money(Money(amount_minor=bound, currency=currency))}" for word, bound in bounds)
    elif isinstance(value, RatingRange):
        said = f"{value.stars:g} stars or more"
    else:
        said = f"size {value}" if preference.slot == "size" else value
    said = f"not {said}" if preference.polarity == "dislike" else said
    return f"ideally {said}" if preference.strength == "soft" else said


def _scope(scope: str, preferences: tuple[Preference, ...], currency: str) -> Html:
    if not preferences:
        return Html("")
    chips = joined(_chip(preference, currency) for preference in preferences)
    heading = "For you" if scope == ME else f"For your {scope}"
    return tag("section", tag("h3", text(heading)), tag("ul", chips, class_="sg-wishes"))


def _chip(preference: Preference, currency: str) -> Html:
    said = wish(preference, currency)
    slot = SLOT_NAMES.get(preference.slot, preference.slot)
    where = f"turn {preference.turn}" if preference.source == "stated" and preference.turn else preference.source
    remove = button(
        "×", "forget", {"preference_id": preference.preference_id}, aria_label=f"Forget {slot}: {said}", title="Forget this"
    )
    return tag(
        "li",
        tag("span", text(f"{slot}: {said}"), class_="sg-wish-text"),
        remove,
        tag("small", text(f"“{preference.evidence}” · {where}"), class_="sg-evidence"),
        class_=f"sg-wish sg-{preference.polarity} sg-{preference.source}",
    )


def _counts(conversation: Conversation) -> Html:
    liked, rejected = len(conversation.profile.liked_product_ids), len(conversation.profile.rejected_product_ids)
    if not liked and not rejected:
        return Html("")
    return tag("p", text(f"{liked} liked, {rejected} turned down"), class_="sg-muted")


def _add_form() -> Html:
    slots = joined(tag("option", text(SLOT_NAMES.get(slot, slot)), value=slot) for slot in VALUE_SLOTS)
    polarity = joined((tag("option", text("I like"), value="like"), tag("option", text("not"), value="dislike")))
    return tag(
        "details",
        tag("summary", text("Add a wish")),
        tag(
            "div",
            tag("select", polarity, name="polarity", aria_label="Like or not"),
            tag("select", slots, name="slot", aria_label="What about"),
            tag("input", name="value", type="text", maxlength="40", placeholder="red, linen, pockets …", aria_label="Value"),
            button("Add", "add_wish", {}, data_form=".sg-form"),
            class_="sg-form",
        ),
        class_="sg-add",
        data_keep="add",
    )


def _shoppers(demo_shoppers: Sequence[tuple[str, str]]) -> Html:
    if not demo_shoppers:
        return Html("")
    buttons = joined(button(label, "shop_as", {"shopper_id": key}, class_="sg-quiet") for key, label in demo_shoppers)
    return tag(
        "details",
        tag("summary", text("Shop as a known shopper")),
        tag("p", text("These shoppers are made up, as this shop is. Their purchases start the profile."), class_="sg-muted"),
        tag("div", buttons, class_="sg-shoppers"),
    )
