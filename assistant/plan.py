"""From acts to actions: pure, and no language model. What is searched, priced or changed is decided here, before any catalog text is read."""

from __future__ import annotations

from collections.abc import Iterable

from assistant.schema import (
    Act,
    Action,
    AskAction,
    BasketChange,
    ChatAction,
    CompareAction,
    DescribeAction,
    DialogueState,
    ExplainAction,
    HandoverAction,
    OffersAction,
    OutfitAction,
    PolicyAction,
    PriceAction,
    Profile,
    SearchAction,
    Understanding,
)

MOST_ASKED = 4
"""So many items one question is answered of."""

STUCK_AFTER = 3
"""Rejections in a row after which a person is offered."""

_EXACT = ("ordinal", "attribute", "name")
"""Words that point at one thing ("the fifth one"): where it is not there, nothing else is meant."""

_SEARCHING = ("search", "refine", "correct", "retract", "not_this", "deny")
_OWN_WORDS = ("not_sold", "others")
"""Kinds of questions beside the shop's business that are answered in words of their own."""
_COURTESY = ("greeting", "thanks", "goodbye", "small_talk", "affirm")


def plan(
    understanding: Understanding, profile: Profile, state: DialogueState, page_product_id: str | None = None
) -> tuple[Action, ...]:
    """The actions of this turn, in the order of the acts, each kind once; a search brings an outfit and the offers with it.

    `profile` is the one after this message. Courtesies are answered only where nothing else is."""
    actions: list[Action] = []
    # Whoever asks what is known of somebody names her, and seeks nothing.
    asks = understanding.has("profile")
    for act in [each for each in understanding.acts if not (asks and each.kind in ("search", "refine"))]:
        actions.extend(_actions_of(act, understanding, profile, state, page_product_id))
    found = _once(actions)
    if len(found) > 1:
        found = [action for action in found if not _is_courtesy(action)] or found[:1]
    search = next((action for action in found if isinstance(action, SearchAction)), None)
    if search is not None:
        found = _with_extras(found, search.scope)
    return tuple(found) or (ChatAction(about="noted"),)


def target(act: Act, state: DialogueState, page_product_id: str | None, *, first: bool = True) -> str | None:
    """The item an act is about: what its words point at, else what was talked of last, the page's own, or the first on screen (unless
    `first` is false, and there are others). None where there is no such item, or its words point at one that is not there."""
    pointed = next((reference.product_ids[0] for reference in act.references if reference.product_ids), None)
    if pointed is not None or any(reference.kind in _EXACT for reference in act.references):
        return pointed
    return state.focus or page_product_id or (state.shown[0] if state.shown and (first or len(state.shown) == 1) else None)


def _actions_of(
    act: Act, understanding: Understanding, profile: Profile, state: DialogueState, page_product_id: str | None
) -> Iterable[Action]:
    kind = act.kind
    if kind in _SEARCHING:
        return _searching(act, understanding, profile, state, page_product_id)
    if kind in _COURTESY:
        about = "greeting" if kind == "greeting" else "noted" if kind == "affirm" else kind
        return (ChatAction.model_validate({"about": about}),)
    if kind == "compare":
        return _comparing(act, state)
    if kind == "describe":
        each = _asked_about(act) or (target(act, state, page_product_id),)
        return [action for product_id in each for action in _about_item(act, understanding.scope, product_id)]
    if kind in ("more_like", "pair", "explain"):
        return _about_item(act, understanding.scope, target(act, state, page_product_id))
    if kind == "basket":
        return _basket(act, state, page_product_id)
    if kind == "undo":
        again = (SearchAction(scope=state.scope),) if state.shown else ()
        return (ChatAction(about="undone"), *again)
    if kind == "show_more":
        same = understanding.scope == state.scope
        return (SearchAction(scope=understanding.scope, more=True, like_product_id=state.like_product_id if same else None),)
    return _plain(act, understanding)


def _plain(act: Act, understanding: Understanding) -> Iterable[Action]:
    match act.kind:
        case "offers":
            return (OffersAction(codes=act.detail == "codes"),)
        case "policy":
            return (PolicyAction(question=act.detail or act.evidence or understanding.text),)
        case "order":
            return (HandoverAction(reason="order"),)
        case "human":
            return (HandoverAction(reason="asked"),)
        case "start_over":
            return (ChatAction(about="started_over"),)
        case "profile":
            return (ChatAction(about="profile"),)
        case _:
            about = act.detail if act.detail in _OWN_WORDS else "out_of_scope"
            return (ChatAction.model_validate({"about": about}),)


def _searching(
    act: Act, understanding: Understanding, profile: Profile, state: DialogueState, page_product_id: str | None
) -> Iterable[Action]:
    wishes = profile.in_scope(understanding.scope)
    if act.kind == "deny" and not understanding.slots:
        return (ChatAction(about="noted"),)
    if act.kind == "retract" and not wishes and not state.shown:
        return (ChatAction(about="noted"),)
    sized = bool(wishes) and all(wish.slot == "size" for wish in wishes) and not understanding.query_text
    if sized and act.kind != "not_this" and page_product_id is not None and not state.shown:
        return (ChatAction(about="noted"),)  # a size alone, before the item of a page: it is of that item that they talk
    meant = act.kind != "not_this" or target(act, state, None, first=False) is not None
    if not meant and any(reference.kind in _EXACT for reference in act.references):
        return (AskAction(question_id="which_item"),)
    # Where none of those on screen is meant more than another, others are shown.
    actions: list[Action] = [SearchAction(scope=understanding.scope, more=not meant and bool(state.shown))]
    if act.kind == "not_this" and state.rejections_in_a_row + 1 >= STUCK_AFTER:
        actions.append(HandoverAction(reason="stuck"))
    return actions


def _comparing(act: Act, state: DialogueState) -> Iterable[Action]:
    pointed = dict.fromkeys(product_id for reference in act.references for product_id in reference.product_ids)
    missing = any(reference.kind in _EXACT and not reference.product_ids for reference in act.references)
    chosen = tuple(pointed) if len(pointed) > 1 or missing else tuple(dict.fromkeys([*pointed, *state.shown]))[:3]
    if len(chosen) < 2:
        return (AskAction(question_id="what_to_compare"),)
    return (CompareAction(product_ids=chosen[:4]),)


def _asked_about(act: Act) -> tuple[str, ...]:
    """The items of a question about several ("the first and the second", "are they ..."); none where it is about one at most. Of a property
    that several have ("the red one") one item is meant."""
    several = [r.product_ids[:1] if r.kind == "attribute" else r.product_ids for r in act.references]
    pointed = tuple(dict.fromkeys(product_id for ids in several for product_id in ids))
    return pointed[:MOST_ASKED] if len(pointed) > 1 else ()


def _about_item(act: Act, scope: str, product_id: str | None) -> Iterable[Action]:
    if product_id is None:
        return (AskAction(question_id="which_item"),)
    match act.kind:
        case "describe" if act.detail == "price":
            return (DescribeAction(product_id=product_id, question=act.evidence, about=("price",)),)
        case "describe":
            return (
                DescribeAction(
                    product_id=product_id, question=act.detail or act.evidence, about=act.about, about_values=act.about_values
                ),
            )
        case "more_like":
            return (SearchAction(scope=scope, like_product_id=product_id),)
        case "pair":
            return (OutfitAction(product_id=product_id, scope=scope),)
        case _:
            return (ExplainAction(product_id=product_id),)


def _basket(act: Act, state: DialogueState, page_product_id: str | None) -> Iterable[Action]:
    """A change of the basket. What goes in must be known, and a code is taken even where it is not; what is altered or taken out may be the
    one thing that is in it."""
    pointed = tuple(dict.fromkeys(product_id for reference in act.references for product_id in reference.product_ids))
    changes = (act.change,) if act.change is not None else ()
    if act.change is not None and act.change.verb in ("add", "remove", "set_quantity", "set_size") and not pointed:
        single = target(act, state, page_product_id, first=False)
        if single is None and act.change.verb == "add":
            code = BasketChange(verb="apply_code", code=act.change.code)
            asked = AskAction(question_id="which_item")
            return (asked, PriceAction(changes=(code,))) if act.change.code else (asked,)
        pointed = (single,) if single is not None else ()
    return (PriceAction(changes=changes, product_ids=pointed),)


def _is_courtesy(action: Action) -> bool:
    return isinstance(action, ChatAction) and action.about in ("greeting", "thanks", "goodbye", "small_talk", "noted")


def _once(actions: Iterable[Action]) -> list[Action]:
    """The first of each kind, but every basket change and every question about an item or the shop."""
    kept: list[Action] = []
    seen: set[str] = set()
    for action in actions:
        repeatable = isinstance(action, PriceAction | DescribeAction | PolicyAction)
        if action in kept or (not repeatable and action.kind in seen):
            continue
        seen.add(action.kind)
        kept.append(action)
    return kept


def _with_extras(actions: list[Action], scope: str) -> list[Action]:
    """A search shows the look of its first result and what it costs with the offers that hold, unless the turn pairs or prices already.
    Prices come last: a code given in the same breath is tried on what was found."""
    prices: list[Action] = [action for action in actions if isinstance(action, PriceAction)] or [PriceAction()]
    found = [action for action in actions if not isinstance(action, PriceAction)]
    if not any(isinstance(action, OutfitAction) for action in found):
        found.append(OutfitAction(scope=scope))
    return [*found, *prices]
