"""What may never stand in a sentence in plain words, and what may only beside a reference that proves it. Data for verification.

Every one of these words may be used by the program itself: inside a reference's value, where code has made sure that it is true.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from assistant.guide.words import word_set
from assistant.schema import SectionKind

NUMBER_WORDS = word_set(
    "zero nil one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen "
    "twenty thirty forty fifty sixty seventy eighty ninety hundred hundreds thousand thousands million millions billion billions dozen dozens "
    "half halves halved quarter quarters third thirds fourth fifth sixth seventh eighth ninth tenth first second seconds double doubled doubles "
    "triple tripled twice thrice once couple single singles score scores few several many numerous countless plenty loads lots lot"
)
"""In digits or in words, ordinals among them; "one" only where it counts nothing ("this one")."""

BEFORE_ONE = word_set("this that the another which other nice lovely good great right own")
"""After these, or after a fact of the item, "one" stands for the item."""

MONEY_WORDS = word_set(
    "euro euros eur dollar dollars usd pound pounds gbp sterling cent cents penny pennies pence quid buck bucks fiver tenner grand yen jpy yuan "
    "rmb cny franc francs chf krona kronor krone kroner zloty rupee rupees percent percentage percentages pct cash"
)

CLAIMS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "superlative or comparison": word_set(
            "best better most more least less fewer fewest finest greatest ultimate unmatched unbeatable unrivalled supreme perfect perfectly "
            "ideal ideally flawless unique uniquely only exclusive exclusively premium superior excellent exceptional outstanding incomparable "
            "nothing everything anything all every extra super extremely truly totally absolutely"
        ),
        "popularity": word_set(
            "popular popularity bestseller bestsellers bestselling seller sellers favourite favourites favorite favorites trending trend hit hits "
            "beloved everyone everybody nobody people customers customer shoppers shopper buyers buyer crowd famous sought loved love loves adored "
            "bought reviews review reviewers reviewer stars star rated rating ratings highly"
        ),
        "stock": word_set(
            "stock stocked available availability sold sells selling sell left remaining remain remains last lasts lasting hurry gone limited rare "
            "rarely scarce restock restocked soon"
        ),
        "delivery or returns": word_set(
            "ship ships shipped shipping deliver delivers delivered delivery arrive arrives arrived arrival dispatch dispatched tomorrow today "
            "tonight overnight courier parcel postage express return returns returned refund refunds refunded refundable exchange exchanges"
        ),
        "promise": word_set(
            "guarantee guarantees guaranteed promise promises promised ensure ensures ensured assure assured warranty certified always forever "
            "lifetime ever will authentic genuine original official approved"
        ),
        "price or offer": word_set(
            "sale sales discount discounts discounted offer offers offered deal deals bargain bargains voucher vouchers coupon coupons code codes "
            "promo promotion promotions rebate clearance cheap cheaper cheapest affordable inexpensive expensive pricey dear dearer dearest free "
            "freebie reduced reduction reductions reduce save saves saved saving savings off money value budget limit price prices priced pricing cost "
            "costs pay pays paid steal fee fees charge charges"
        ),
        "health": word_set(
            "health healthy healthier heal heals cure cures prevent prevents pain pains ache aches allergy allergies allergic doctor doctors "
            "dermatologist medical medically skin posture orthopaedic orthopedic antibacterial antimicrobial eczema asthma safe safety detox calories "
            "injury injuries therapeutic hypoallergenic immune"
        ),
        "size": word_set("size sizes sized sizing"),
    }
)
"""By what they would claim."""

LICENCES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "list_price": word_set("reduced reduction price prices"),
        "before": word_set("reduced price prices offer"),
        "saving": word_set("save saves saved saving less"),
        "price": word_set("price prices priced cost costs pay pays"),
        "rating": word_set("rated rating stars reviews reviewers shoppers"),
        "rating_count": word_set("rated rating reviews reviewers shoppers"),
        "sizes": word_set("sizes"),
        "size": word_set("size sizes"),
        "offer": word_set("offer reduced price"),
    }
)
"""By the last part of a reference's name: words that it proves when both stand in one sentence."""

CLAIM_PHRASES: tuple[tuple[str, str], ...] = (
    (
        "quality",
        r"well (?:made|cut|finished|designed|known|done|put)|wears? well|(?:keeps?|holds?|stays?|stands?) (?:up|on|well|together|put|in place|out|apart)",
    ),
    ("quality", r"(?:keeps?|holds?|retains?|stays?) (?:its|their) \w+|(?:like|as good as) new|goes? a long way|made to \w+"),
    (
        "promise",
        r"(?:for|over|after|through) (?:years|months|seasons|weeks|days|hours)|(year|season|wear|wash|day|time) after \1|again and again|go wrong",
    ),
    ("delivery", r"(?:in|within) (?:(?:a|the|this) )?(?:time|day|days|week|weeks|hour|hours|minute|minutes|month|months)"),
    (
        "delivery",
        r"(?:get|gets|got|have|has|comes?|reach(?:es)?|receives?|with you) (?:\w+ ){0,3}by (?:(?:the|this) )?(?:\w*day|week|morning|evening|\w*time)",
    ),
    (
        "offer",
        r"(?:get|gets|comes? with|includes?|including|with|plus|adds?|brings?|take) (?:\w+ ){0,2}(?:gifts?|presents?|extras?)",
    ),
    (
        "offer",
        r"(?:good|great|nice|fair|decent|right|lovely|wonderful|attractive) (?:price|prices|cost)|prices? (?:is|are) (?:\w+ )?(?:good|great|nice|fair|right)",
    ),
    (
        "variants",
        r"(?:other|another|different|same|more|various) (?:\w+ )?(?:colou?rs?|tones?|hues?|fabrics?|materials?|styles?|lengths?|sizes?)",
    ),
    (
        "comparison",
        r"(?:above|over|ahead of|beyond|against|than|unlike|before|from) (?:the |its |my |our )?(?:others?|another|rest)\b|beyond compar\w+",
    ),
    (
        "popularity",
        r"(?:of|in) the (?:day|week|month|year|season|moment|town|city|country|world)|a must|must have$|known (?:for|to|as|by|across|in)",
    ),
    ("popularity", r"seen (?:on|in|at|with)|worn by|liked by|chosen by|picked by|wanted by"),
)
"""What harmless words say together, by what it would claim: patterns over a sentence's folded words. None stands in an item's own section."""

PEOPLE = word_set(
    "guests friends families parents adults persons humans students travellers walkers readers hosts teachers colleagues neighbours neighbors "
    "relatives mothers fathers mums dads wives husbands sisters brothers daughters sons mates partners couples brides grooms"
)
PERSONS = word_set(
    "person persons human humans adult adults sister sisters brother brothers sibling siblings mother mothers mum mums father fathers "
    "dad dads parent parents husband husbands wife wives spouse partner partners fiance fiancee bride groom daughter daughters son "
    "sons grandmother grandmothers grandma granny grandfather grandfathers grandpa grandparent grandparents aunt aunts auntie uncle "
    "uncles cousin cousins niece nieces nephew nephews grandson granddaughter friend friends mate mates girlfriend neighbour "
    "neighbours neighbor neighbors colleague colleagues boss teacher teachers family families relative relatives host hosts hostess "
    "guest guests recipient recipients student students traveller travellers walker walkers reader readers child children kid kids "
    "baby people everyone everybody nobody someone somebody owner owners shopper shoppers reviewer reviewers customer customers"
)
"""Whom a model may name only as the shopper's own, and only as the one for whom something is."""
BEFORE_PEOPLE = word_set("for with among to of between")
WHOSE = word_set("your my her his our their the")
"""Nobody in general likes anything here: in an item's section people stand after one of these ("for guests", "with your friends") alone."""

REFERENCE_AFTER: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "price": word_set("for at is are costs cost to now price of pay pays asks and but just"),
        "list_price": word_set("from was were of before price"),
        "before": word_set("from was were of before price at"),
        "saving": word_set("save saves saved saving you of"),
        "rating": word_set("rated at of with is are rating scored has have and it them gave"),
        "rating_count": word_set("from by in and of"),
    }
)
"""The words after which a reference to a figure may stand; it may also follow a mark, or begin the sentence."""

NOT_BEFORE = word_set(
    "off less more over under before left then ago once again apart above below cheaper dearer higher lower too"
)
"""What may not follow a figure."""

EARLIER = frozenset(("list_price", "before"))
"""References to what something cost before."""

REDUCTION_CUES = word_set("reduced reduction was were before instead from save saves saved saving")

NEGATORS = word_set(
    "not no never without nor neither none cannot hardly barely scarcely lack lacks lacking minus except unlike instead non"
)
NEGATOR_PAIRS = frozenset(
    (
        ("rather", "than"),
        ("other", "than"),
        ("anything", "but"),
        ("all", "but"),
        ("far", "from"),
        ("apart", "from"),
        ("aside", "from"),
    )
)

CLAUSE_WORDS = word_set("but though although while whereas however yet")
"""These begin a new clause, as commas do."""

TALK = word_set(
    "will all any anything everything only more size sizes budget help helps helping swap swaps switch change changes changed changing replace "
    "replaced guide surprise rest closest ones out basket"
)
"""Words that sections about no single item may use: there they are about the conversation."""

SERVICE = word_set(
    "ai assistant computer program software data privacy human staff team order orders basket offer offers code codes delivery returns return "
    "payment shipping discount discounts total subtotal sum receipt saving savings save saves free off policy rules page pages money "
    "reviews rating rated reviews stars shopper shoppers customers purchase purchases bought buyers profile taste tastes undo reset "
    "everything nothing anything all any every only more most less few fewer many several first second third one two half once twice price "
    "prices cost costs pay pays budget limit limits size sizes will best better last left stock available sold cheaper cheapest dearer "
    "expensive reduced reduction value favour favourite popular popularity similar similarity score order ordered top lists lowest highest "
    "button chip chips thumb thumbs up down person reads replies else case cases hand hands over whole nor never none not cannot no "
    "change changes changed changing back out far empty help alone small little silent work differ wrong shopping undone cleared exact gone "
    "running run runs today door further rest access open people four afraid much outside soon new again enough basket tell "
    "than matching fits fit near nearest drop dropped drops widen widened wider loosen relax allow allowed allows number numbers count"
)
"""Words that the composer's own sections about the shop, the basket and the conversation may use. No model writes those sections."""

FREE_KINDS: frozenset[SectionKind] = frozenset(("opening", "closing"))
"""Sections about the conversation rather than an item, which a model may write."""

MODELLED_KINDS: frozenset[SectionKind] = frozenset(("opening", "item", "outfit", "closing"))

MOST_SENTENCES: Mapping[SectionKind, int] = MappingProxyType({"opening": 3, "item": 3, "outfit": 3, "closing": 2})
MOST_CHARACTERS = 900
"""Of a model's draft, a section."""
