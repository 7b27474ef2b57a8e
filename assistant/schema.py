"""The nouns of the conversation, in the order of a turn: understanding, profile, plan, results, guide, record.

All are frozen. `scope` is "me" or a recipient ("sister"). Prices are minor units of the catalog's currency.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, ConfigDict, Field, model_validator

from catalog_data.schema import Frozen, Money, PolicySection, Product, SizeSystem, Slot
from retrieval.schema import Check, Fault, Outfit, PricedBasket, RankedItem, Relaxation, Scores, SearchResult

ME = "me"

Polarity = Literal["like", "dislike"]
Strength = Literal["hard", "soft"]
Source = Literal["stated", "inferred", "behaviour"]
Language = Literal["en", "zh"]

# ---------------------------------------------------------------- understanding

ActKind = Literal[
    "search",  # wants items
    "refine",  # narrows or widens the last search
    "correct",  # takes back one value for another ("actually blue")
    "retract",  # takes a wish back ("the colour doesn't matter")
    "show_more",  # more of the same search
    "compare",
    "describe",  # asks about an item
    "more_like",
    "not_this",
    "pair",  # what goes with it, complete the look
    "basket",  # add, remove, show, give a code
    "offers",
    "policy",  # a question about the shop
    "order",  # a question about an order: for a person
    "human",  # wants a person
    "explain",  # why this?
    "profile",  # what do you know of me
    "undo",
    "start_over",
    "greeting",
    "thanks",
    "goodbye",
    "small_talk",
    "out_of_scope",
    "affirm",
    "deny",
]


class PriceRange(Frozen):
    """Minor units, inclusive; at least one bound. Written as {"min", "max"}."""

    min: int | None = Field(default=None, ge=0)
    max: int | None = Field(default=None, ge=0)

    @model_validator(mode="after")
    def _bounded(self) -> PriceRange:
        if self.min is None and self.max is None:
            raise ValueError("a price range needs min or max")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError(f"found min {self.min} above max {self.max}; allowed: min up to max; swap them")
        return self


class RatingRange(Frozen):
    """Stars, 1.0 to 5.0: at least `stars`."""

    stars: float = Field(ge=1, le=5)


Value = str | PriceRange | RatingRange
"""What a preference holds: a canonical word (or a brand, or a size label), a price range, or a least rating."""


class SlotMention(Frozen):
    """One value that the shopper said, and the words that say it.

    operation: add (one more), replace (instead of what the slot held in this scope), retract (no longer wanted, or allowed again).
    A retract with an empty value clears the slot. `currency`: as said, None where none was. `size_system`: for `size` alone.
    `relative`: "cheaper" or "dearer" than what was shown, for the price slot; the value is then filled from the dialogue state.
    """

    slot: Slot
    value: Value
    polarity: Polarity = "like"
    strength: Strength = "hard"
    scope: str = ME
    operation: Literal["add", "replace", "retract"] = "add"
    evidence: str = Field(min_length=1)
    currency: str | None = None
    size_system: SizeSystem | None = None
    relative: Literal["cheaper", "dearer"] | None = None


class Reference(Frozen):
    """Words that point at items. Resolved against the dialogue state to `product_ids`; empty where nothing fits."""

    kind: Literal["page", "ordinal", "attribute", "name", "pronoun"]
    words: str
    position: int | None = None
    slot: Slot | None = None
    value: str | None = None
    product_ids: tuple[str, ...] = ()


class BasketChange(Frozen):
    """What an act of kind `basket` asks for. A `code` given with another verb is applied as well."""

    verb: Literal["add", "remove", "set_quantity", "set_size", "show", "apply_code", "clear"]
    quantity: int | None = Field(default=None, ge=0, le=99)
    size: str | None = None
    code: str | None = None


class Act(Frozen):
    """One thing that the shopper does. `about`: the slots a describe act asks of ("machine washable" -> care is `detail`)."""

    kind: ActKind
    evidence: str = ""
    references: tuple[Reference, ...] = ()
    about: tuple[Slot, ...] = ()
    about_values: tuple[str, ...] = ()
    detail: str = ""
    change: BasketChange | None = None


class Understanding(Frozen):
    """What one message says. `scope` is the recipient it is about; `text` the cleaned message; `query_text` the content words for search;
    `unknown_words` were neither understood nor idle."""

    text: str
    language: Language = "en"
    acts: tuple[Act, ...]
    slots: tuple[SlotMention, ...] = ()
    scope: str = ME
    query_text: str = ""
    unknown_words: tuple[str, ...] = ()
    mood: Literal["neutral", "hurried", "unsure", "annoyed", "delighted"] = "neutral"
    writer: str = "parser"

    def has(self, *kinds: ActKind) -> bool:
        """True when any act is of one of these kinds."""
        return any(act.kind in kinds for act in self.acts)


# ---------------------------------------------------------------- profile


class Preference(Frozen):
    """One thing known of the shopper, with the words or purchases that say it.

    `category`: of a size, the kind of item that it is for alone; None: whatever it can be compared with. `relative`: of a price, that it
    was measured by what was shown ("cheaper"); it ends with its topic."""

    preference_id: str
    slot: Slot
    value: Value
    polarity: Polarity = "like"
    strength: Strength = "hard"
    scope: str = ME
    source: Source = "stated"
    evidence: str
    turn: int = Field(ge=0)
    size_system: SizeSystem | None = None
    category: str | None = None
    relative: Literal["cheaper", "dearer"] | None = None


class SupersededPreference(Preference):
    """A preference that is no longer in force, and the turn that ended it."""

    superseded_by_turn: int = Field(ge=0)


class Profile(Frozen):
    """What is in force (`preferences`), what was (`superseded`), sizes by scope and category, and items liked or rejected.

    `sizes` sums up the preferences of size, the latest of each category. `rejection_reasons`: by rejected item, what was wrong with it,
    where that was said."""

    preferences: tuple[Preference, ...] = ()
    superseded: tuple[SupersededPreference, ...] = ()
    sizes: dict[str, dict[str, str]] = {}
    liked_product_ids: tuple[str, ...] = ()
    rejected_product_ids: tuple[str, ...] = ()
    rejection_reasons: dict[str, Fault] = {}
    version: int = 0

    def in_scope(self, scope: str) -> tuple[Preference, ...]:
        """The preferences in force for this person."""
        return tuple(preference for preference in self.preferences if preference.scope == scope)


class ProfileChange(Frozen):
    """A new profile and what is new in it, for the screen and the guide."""

    profile: Profile
    added: tuple[Preference, ...] = ()
    removed: tuple[SupersededPreference, ...] = ()


# ---------------------------------------------------------------- dialogue state


class CartLine(Frozen):
    """A quantity of one item in one size, as the shopper holds it."""

    product_id: str
    quantity: int = Field(ge=1, le=99)
    size: str | None = None
    price_minor: int | None = None


class Cart(Frozen):
    """The basket and the codes given for it."""

    lines: tuple[CartLine, ...] = ()
    codes: tuple[str, ...] = ()


class DialogueState(Frozen):
    """What the next turn must remember of the ones before, beside the profile. Never the transcript.

    `shown`: ids on screen now, in order. `ever_shown`: all shown for the present search. `like_product_id`: the item that the present
    search is for more like. `focus`: the item talked about last.
    `phrases`: what the composer used lately, so that it does not say the same again. `asked`: questions already put.
    `policy_topic`: what the shop's page was asked about in the last turn; empty where it was not.
    `invited`: what the end of the last guide asked for, where a number answers it.
    `size_asked_for`: the items of which a size was asked last, before they can go into the basket, and `quantity_asked_for` how many of each.
    """

    turn: int = 0
    language: Language = "en"
    scope: str = ME
    topic: str = ""
    shown: tuple[str, ...] = ()
    ever_shown: tuple[str, ...] = ()
    like_product_id: str | None = None
    outfit_ids: tuple[str, ...] = ()
    focus: str | None = None
    asked: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    rejections_in_a_row: int = 0
    last_actions: tuple[str, ...] = ()
    policy_topic: str = ""
    invited: Literal["", "size", "budget"] = ""
    size_asked_for: tuple[str, ...] = ()
    quantity_asked_for: int | None = None


class TurnContext(Frozen):
    """What the page says of where the shopper is."""

    product_id: str | None = None
    page_url: str | None = None
    cart: tuple[CartLine, ...] | None = None


class ParseContext(Frozen):
    """What understanding may look at beside the message: the dialogue state, the profile, the items on screen in their order, the page's own
    item, those in the basket (`held`), those of which a size was asked (`sizing`), and what one piece of an item costs now, by id, in minor
    units (`prices`; an item that is not there costs its own price)."""

    state: DialogueState = DialogueState()
    profile: Profile = Profile()
    shown: tuple[Product, ...] = ()
    page: Product | None = None
    held: tuple[Product, ...] = ()
    sizing: tuple[Product, ...] = ()
    prices: dict[str, int] = {}

    @property
    def known(self) -> tuple[Product, ...]:
        """All items that words can mean, each once: on screen, the page's own, asked of, in the basket."""
        page = (self.page,) if self.page is not None else ()
        return tuple({each.product_id: each for each in (*self.shown, *page, *self.sizing, *self.held)}.values())


class Conversation(Frozen):
    """All of a conversation that the next turn reads and writes. `undo`: the profiles before each change, the latest last. `cart_before`:
    the basket before the last message, where that changed it and nothing was changed since."""

    conversation_id: str
    shopper_id: str | None = None
    created_at: AwareDatetime
    profile: Profile = Profile()
    undo: tuple[Profile, ...] = ()
    state: DialogueState = DialogueState()
    cart: Cart = Cart()
    cart_before: Cart | None = None


# ---------------------------------------------------------------- plan and results


class SearchAction(Frozen):
    """Find items for `scope`. `more`: the next ones of the same search. `like_product_id`: near this one."""

    kind: Literal["search"] = "search"
    scope: str = ME
    more: bool = False
    like_product_id: str | None = None


class CompareAction(Frozen):
    """Set items side by side."""

    kind: Literal["compare"] = "compare"
    product_ids: tuple[str, ...]


class DescribeAction(Frozen):
    """Answer what the catalog says of an item."""

    kind: Literal["describe"] = "describe"
    product_id: str
    question: str = ""
    about: tuple[Slot, ...] = ()
    about_values: tuple[str, ...] = ()


class OutfitAction(Frozen):
    """Complete the look of an item; None: of the first result of this turn."""

    kind: Literal["outfit"] = "outfit"
    product_id: str | None = None
    scope: str = ME


class PriceAction(Frozen):
    """Price the basket (or, when it is empty, the first result) with everything that holds; changes come first."""

    kind: Literal["price"] = "price"
    changes: tuple[BasketChange, ...] = ()
    product_ids: tuple[str, ...] = ()


class OffersAction(Frozen):
    """List what is on offer now; `codes`: what needs a code first."""

    kind: Literal["offers"] = "offers"
    codes: bool = False


class PolicyAction(Frozen):
    """Answer from the shop's policy page."""

    kind: Literal["policy"] = "policy"
    question: str


class HandoverAction(Frozen):
    """Pass to a person, with the reason."""

    kind: Literal["handover"] = "handover"
    reason: Literal["order", "asked", "stuck"]


class ExplainAction(Frozen):
    """Say why an item is shown; None: the first on screen."""

    kind: Literal["explain"] = "explain"
    product_id: str | None = None


class ChatAction(Frozen):
    """An answer that needs no catalog."""

    kind: Literal["chat"] = "chat"
    about: Literal[
        "greeting",
        "thanks",
        "goodbye",
        "small_talk",
        "out_of_scope",
        "not_sold",
        "others",
        "profile",
        "undone",
        "nothing_to_undo",
        "started_over",
        "noted",
    ]


class AskAction(Frozen):
    """One short question with choices."""

    kind: Literal["ask"] = "ask"
    question_id: str
    choices: tuple[str, ...] = ()


Action = (
    SearchAction
    | CompareAction
    | DescribeAction
    | OutfitAction
    | PriceAction
    | OffersAction
    | PolicyAction
    | HandoverAction
    | ExplainAction
    | ChatAction
    | AskAction
)


class Answer(Frozen):
    """What the catalog says to one question about one item. `status` unknown: the shop does not say. `product_id`: the item asked about;
    None: the one that the turn describes."""

    slot: str
    asked: str
    status: Literal["yes", "no", "unknown", "value"]
    values: tuple[str, ...] = ()
    product_id: str | None = None


class ComparisonRow(Frozen):
    """One property of the compared items, a cell an item; empty where the shop does not say."""

    slot: str
    label: str
    cells: tuple[str, ...]


class Comparison(Frozen):
    """Items side by side, only rows in which the shop says something."""

    product_ids: tuple[str, ...]
    rows: tuple[ComparisonRow, ...]


class OfferNote(Frozen):
    """A promotion that holds now, in plain words made from its fields."""

    promotion_id: str
    title: str
    terms: str
    code: str | None = None
    ends_at: AwareDatetime | None = None


class Results(Frozen):
    """All that the actions of one turn came to. The guide reads nothing else of the shop.

    `items` were found by a search and are shown with a sentence each; `subjects` are those that a question, a comparison or an explanation
    is about: shown as cards, named in the answer. `sizes_asked`: of which one must be named before an item can go into the basket; `sized`: those items."""

    search: SearchResult | None = None
    scope: str = ME
    items: tuple[RankedItem, ...] = ()
    why: dict[str, tuple[str, ...]] = {}
    outfits: tuple[Outfit, ...] = ()
    basket: PricedBasket | None = None
    basket_is_cart: bool = False
    subjects: tuple[RankedItem, ...] = ()
    comparison: Comparison | None = None
    described: Product | None = None
    answers: tuple[Answer, ...] = ()
    policy: tuple[PolicySection, ...] = ()
    policy_asked: bool = False
    offers: tuple[OfferNote, ...] = ()
    handover: Literal["order", "asked", "stuck"] | None = None
    explained: RankedItem | None = None
    chat: tuple[str, ...] = ()
    ask: AskAction | None = None
    cart_changes: tuple[str, ...] = ()
    sizes_asked: tuple[str, ...] = ()
    sized: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()


# ---------------------------------------------------------------- guide

SectionKind = Literal[
    "opening",
    "item",
    "relaxation",
    "outfit",
    "offers",
    "comparison",
    "answer",
    "policy",
    "handover",
    "explanation",
    "chat",
    "closing",
]


class ItemFacts(Frozen):
    """All that a writer may know of one item, under a label (item1, item2, ...). `facts` are words of the catalog by slot;
    `references` map a name ("item1.title", "item1.price") to the text that the program fills in."""

    label: str
    product_id: str
    facts: dict[str, tuple[str, ...]]
    references: dict[str, str]
    why: tuple[str, ...] = ()
    unmet: tuple[str, ...] = ()


class SectionBrief(Frozen):
    """One section that the guide needs. `composed`: the composer's text, with references, that always stands ready. `modelled`: may a
    language model write it; facts that are pure arithmetic or policy are not its to phrase."""

    section_id: str
    kind: SectionKind
    labels: tuple[str, ...] = ()
    composed: str
    modelled: bool = False


class GuideBrief(Frozen):
    """All that is said in one turn, before any model has seen it. `references` holds every name that any section may use."""

    language: Language
    message: str
    scope: str
    wishes: tuple[str, ...] = ()
    items: tuple[ItemFacts, ...] = ()
    sections: tuple[SectionBrief, ...]
    references: dict[str, str]
    phrases_used: tuple[str, ...] = ()
    mood: str = "neutral"


class DraftSection(Frozen):
    """What a writer wrote for one section: sentences with references like {item1.price}, unchecked."""

    section_id: str
    writer: str
    text: str


class Finding(Frozen):
    """One thing that verification did not let through: which words, in which sentence, and why."""

    words: str
    rule: Literal["number", "reference", "vocabulary", "link", "markup", "title", "claim", "empty", "length"]
    reason: str


Verdict = Literal["pass", "trimmed", "withheld"]


class CheckedSection(Frozen):
    """A section as it may be shown: references filled in, nothing in it that was not checked. `verdict` is of the writer's draft;
    where it was withheld, `text` is the composer's and `shown_writer` says so."""

    section_id: str
    kind: SectionKind
    writer: str
    shown_writer: str
    verdict: Verdict
    text: str
    findings: tuple[Finding, ...] = ()
    product_ids: tuple[str, ...] = ()


class Usage(Frozen):
    """Model calls and tokens of one turn; `estimated` when the provider did not say and we counted."""

    model_calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    estimated: bool = False

    def plus(self, other: Usage) -> Usage:
        """Both together."""
        return Usage(
            model_calls=self.model_calls + other.model_calls,
            prompt_tokens=self.prompt_tokens + other.prompt_tokens,
            completion_tokens=self.completion_tokens + other.completion_tokens,
            estimated=self.estimated or other.estimated,
        )


class GuideReport(Frozen):
    """What writing came to, after the last section: model calls and tokens, and what the page should say of the writer (endpoint down)."""

    usage: Usage = Usage()
    notices: tuple[str, ...] = ()


# ---------------------------------------------------------------- record (design.md, section 5)


class WireModel(Frozen):
    """Base of what goes over the wire: as Frozen, built by field name."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class ProductCard(WireModel):
    """One item as the page shows it. `price` is what one costs before any basket-wide offer; `list_price` only where it may be struck."""

    product_id: str
    title: str
    brand: str | None
    price: Money | None
    list_price: Money | None
    offer: dict[str, Any] | None
    why: tuple[str, ...]
    checks: tuple[Check, ...]
    scores: Scores
    image_url: str | None
    url: str | None
    rating: float | None = None
    rating_count: int = 0
    sizes: tuple[str, ...] = ()


class OutfitPieceCard(WireModel):
    """One piece of an outfit."""

    role: str
    product_id: str
    title: str
    price: Money | None
    image_url: str | None = None


class OutfitCard(WireModel):
    """A whole look."""

    anchor_product_id: str
    pieces: tuple[OutfitPieceCard, ...]
    total: Money
    why: str


class OffersBlock(WireModel):
    """What came off, what did not and why, line by line. `of_basket` False: the receipt is of the first item found, as if it were bought
    alone; the basket holds nothing."""

    applied: tuple[dict[str, Any], ...] = ()
    rejected: tuple[dict[str, Any], ...] = ()
    receipt: tuple[dict[str, Any], ...] = ()
    of_basket: bool = True


class SectionVerdict(WireModel):
    """What verification said of one section."""

    section: str
    writer: str
    verdict: Verdict
    findings: tuple[Finding, ...] = ()


class RelaxationCard(WireModel):
    """One change to one wish, and how many items it would give."""

    slot: Slot
    action: Literal["drop", "move"]
    source: Annotated[str, Field(alias="from", serialization_alias="from")]
    target: Annotated[str | None, Field(alias="to", serialization_alias="to")]
    count: int

    @classmethod
    def of(cls, relaxation: Relaxation) -> RelaxationCard:
        """The wire form of a relaxation."""
        return cls(
            slot=relaxation.slot,
            action=relaxation.action,
            source=relaxation.source,
            target=relaxation.target,
            count=relaxation.count,
        )


class TurnRecord(WireModel):
    """The whole of one turn as it is answered, stored and exported."""

    turn_id: str
    conversation_id: str
    turn: int
    scope: str = ME
    message: str
    reply: str
    products: tuple[ProductCard, ...] = ()
    outfits: tuple[OutfitCard, ...] = ()
    offers: OffersBlock = OffersBlock()
    relaxations: tuple[RelaxationCard, ...] = ()
    comparison: Comparison | None = None
    profile: Profile
    question: str | None = None
    suggestions: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    sections: tuple[CheckedSection, ...] = ()
    verification: tuple[SectionVerdict, ...] = ()
    usage: Usage = Usage()
    timings_ms: dict[str, float] = {}
