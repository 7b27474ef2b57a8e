"""How much a conversation holds of its shopper: what is refused, and what is let go. Pure."""

from __future__ import annotations

import re

from assistant.errors import BadRequest
from assistant.limits import Limits
from assistant.schema import Conversation, Profile, SupersededPreference

_NUMBER = re.compile(r"p(\d{1,9})")


def check_growth(before: Profile, after: Profile, limits: Limits) -> None:
    """Raises `BadRequest` where the shopper's change makes more of something than is allowed. What is over a cap already may shrink or
    stay, so that everything can always be taken out."""
    remove = "take some out first, with remove"
    caps = (
        ("preferences", len(before.preferences), len(after.preferences), limits.preferences, remove),
        ("scopes", len(_scopes(before)), len(_scopes(after)), limits.scopes, "use one that is there, or " + remove),
        ("liked items", len(before.liked_product_ids), len(after.liked_product_ids), limits.thumbs, "begin a new conversation"),
        (
            "rejected items",
            len(before.rejected_product_ids),
            len(after.rejected_product_ids),
            limits.thumbs,
            "begin a new conversation",
        ),
    )
    for name, was, found, allowed, to_do in caps:
        if found > allowed and found > was:
            raise BadRequest(f"The profile would hold {found} {name}; {allowed} are allowed; {to_do}. Nothing was changed.")


def _scopes(profile: Profile) -> frozenset[str]:
    """The persons of whom something is in force."""
    return frozenset((*(each.scope for each in profile.preferences), *profile.sizes))


def trimmed(profile: Profile, limits: Limits) -> Profile:
    """The profile with the latest of what is no longer in force. The one numbered highest stays too: the next number follows from it."""
    most, ended = limits.superseded, profile.superseded
    if len(ended) <= most:
        return profile
    highest = max(ended, key=_number)
    kept = ended[-most:]
    return profile.model_copy(update={"superseded": kept if highest in kept else (highest, *kept[1:])})


def capped(conversation: Conversation, limits: Limits) -> Conversation:
    """The conversation as it is kept. The profiles to go back to are kept without what was no longer in force: going back takes that
    from the profile of now (`profile_book.taken_back`), and copies of it would be most of the row."""
    undo = tuple(each.model_copy(update={"superseded": ()}) for each in conversation.undo[-limits.undo_steps :])
    return conversation.model_copy(update={"profile": trimmed(conversation.profile, limits), "undo": undo})


def _number(preference: SupersededPreference) -> int:
    match = _NUMBER.fullmatch(preference.preference_id)
    return int(match.group(1)) if match is not None else 0
