"""What a message that only moves to another person takes along: "one for my husband as well", "no, it's for my aunt"."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from assistant.schema import ME, ParseContext, Preference, SlotMention
from assistant.understanding.recipients import Scopes
from assistant.understanding.tokens import Utterance
from assistant.understanding.words import Words, any_of
from catalog_data.schema import Slot

OF_THE_KIND: frozenset[Slot] = frozenset({"category", "material", "occasion", "season", "feature", "pattern", "length"})
"""What one more of the same for another person must be as well. Colour, fit, style and brand are tastes, sizes and audience are hers."""
_PERSONAL: frozenset[Slot] = frozenset({"size", "gender"})


class Carrier:
    """Finds what goes along."""

    def __init__(self, words: Words) -> None:
        self._repeats, self._moves = any_of(words.repeats), any_of(words.moves)
        self._perhaps = any_of(words.perhaps_repeats)
        self._anything, self._same_price = any_of(words.anything), any_of(words.same_price)

    def carried(
        self, utterance: Utterance, scopes: Scopes, mentions: Sequence[SlotMention], context: ParseContext
    ) -> Iterator[SlotMention]:
        """The wishes of the person talked of until now as wishes of the one that the message moves to, in their earlier words. Nothing where
        the message, or what is known of the new person, says what is sought for her."""
        former, scope = context.state.scope, scopes.main
        said = utterance.plain.flat
        named = any(m.scope == scope and m.slot == "category" and m.polarity == "like" for m in mentions)
        known = any(p.slot == "category" and p.polarity == "like" for p in context.profile.in_scope(scope))
        if former == scope or not scopes.persons or named or known:
            return
        same_price = self._same_price.search(said) is not None
        anything = self._anything.search(said) is not None
        again = self._repeats.search(said) is not None
        moves = not again and not anything and (self._moves.search(said) is not None or _only_names(utterance, scopes, former))
        repeats = same_price or (not anything and not moves and (again or self._perhaps.search(said) is not None))
        for wish in context.profile.in_scope(former):
            if wish.source == "stated" and self._goes_along(wish, moves, repeats, same_price, mentions, scope):
                yield _of(wish, scope)

    def _goes_along(
        self, wish: Preference, moves: bool, repeats: bool, same_price: bool, mentions: Sequence[SlotMention], scope: str
    ) -> bool:
        if any(m.scope == scope and m.slot == wish.slot for m in mentions):
            return False
        if wish.slot == "price":
            return wish.polarity == "like" and (moves or same_price)
        if moves:
            return wish.slot not in _PERSONAL
        return repeats and wish.polarity == "like" and wish.slot in OF_THE_KIND


def _only_names(utterance: Utterance, scopes: Scopes, former: str) -> bool:
    """True for a message that begins with whom it is all for, where nobody was named yet: "for my little boy"."""
    return former == ME and utterance.tokens[0].norm == "for" and scopes.persons[0].cue.first == 0


def _of(wish: Preference, scope: str) -> SlotMention:
    return SlotMention(
        slot=wish.slot,
        value=wish.value,
        polarity=wish.polarity,
        strength=wish.strength,
        scope=scope,
        evidence=wish.evidence,
        size_system=wish.size_system,
        relative=wish.relative,
    )
