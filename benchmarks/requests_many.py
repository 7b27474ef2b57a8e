"""The thirty requests of three constraints or more; what holds for all sixty stands in `benchmarks/requests_few.py`."""

from __future__ import annotations

from benchmarks.requests_few import BOOT, DRESS, GREY, PINK
from benchmarks.requests_tests import (
    ADULT,
    BLACK,
    BLACK_ALONE,
    HM,
    KIDS,
    MEN,
    NET_A_PORTER,
    WOMEN,
    Request,
    brand,
    category,
    colour,
    colour_like,
    costs,
    department,
    facts,
    heel_cm,
    heel_mm,
    item,
    pattern,
    real,
    share,
    text,
    title,
)

GIRL = department("Kids Girl|Young Girl|Girls Underwear")
BOY = department("Kids Boy|Young Boy|Boys Underwear")
T_SHIRT = (
    category("Upper body > T-shirt")
    | MEN & title("\\btee\\b") & category("Upper body")
    | category("Upper body > (Top|Vest top)|Unknown") & item("t-shirt")
    | category("Clothing > Tops") & item("t-shirt|\\btee\\b")
)
STRIPED = pattern("Stripe") | item("\\bstrip(e|ed|es|y)\\b")
CARDIGAN = category("> Cardigan") | category("Knitwear|Clothing > Tops|Sweater") & title("cardigan")
BIKINI_BOTTOM = category("Swimwear bottom") & ~MEN | category("Beachwear > .*Bikinis") & item("briefs|bottoms")
HIGH_WAIST = item("\\bhigh-(waisted|rise)|high-cut waist|\\bhigh,? (?:(?!low|mid|regular)[a-z-]+,? ){0,3}waist|\\bhigh rise")
SWEATER_TITLE = (
    category("Clothing > Knitwear")
    & title("sweater|jumper|pullover|turtleneck|polo neck")
    & ~title("cardigan|dress|sweatshirt|tank")
)
JUMPER = category("Upper body > Sweater") & item("jumper|sweater|\\bknit|knitted|fine-knit|cable") & ~item("sweatshirt|pyjama")
LEOPARD = item("leopard")
FLAT_CATEGORY = category("Shoes > (Flat_Shoes|Sandals > Flat|Boots > Flat|Sneakers > Flat)")
FLAT_TYPE = (
    HM
    & category("Shoes > (Ballerinas|Sneakers|Flat shoe|Sandals|Flip flop|Slippers|Other shoe|Boots)")
    & heel_cm(2.5)
    & ~item("\\bheel|wedge|platform")
)
TROUSERS = (category("Lower body > (Trousers|Outdoor trousers)") | category("Unknown") & facts("^[^.]*trousers")) & ~item(
    "\\bjeans\\b|jegging|leggings|jumpsuit|playsuit|pyjama"
) | category("Clothing > Pants") & ~category("Leggings")
EARTHY = colour(
    "Beige",
    "Light Beige",
    "Dark Beige",
    "Greyish Beige",
    "Yellowish Brown",
    "Greenish Khaki",
    "Dark Orange",
    "Brown",
    "Neutrals",
    "Taupe",
    "Dark Yellow",
    "Bronze/Copper",
)
MAXI = item(
    "maxi|ankle-length|full-length|floor-length|(^|\\| ?)long(,| dress| sleeveless| fitted)|long,? [a-z-]* ?dress"
) & ~item("calf-length|knee-length|\\| ?short") | category("Dresses > (Maxi|Gowns)")
GOWN = category("Dresses > (Gowns|Evening)") | category("Clothing > Dresses") & title("\\bgown")
DENIM = pattern("Denim") | item("\\bdenim|chambray")
BRA = category("Underwear > Bra$|Lingerie > Bras") | category("Unknown") & facts("^[^.]*\\bbras?\\b")
BRA = BRA & (NET_A_PORTER | facts("\\bbras?\\b|bralette|bandeau|nursing top"))
SHIRT_DRESS = DRESS & item("(?<!\\bt-)(?<!\\bt )\\bshirt[- ]dress|shirtdress") & ~item("\\bt-?shirt[- ]dress")
LONG_SLEEVES = item("\\blong,? (?:(?!short|with|elbow|and\\b)[a-z-]+,? ){0,4}sleeves|\\blong[- ]sleeve")
SCARF = category("Scarf|Scarves")
BLAZER = category("> Blazer|Jackets > Blazers")
POCKETS = item("pocket") & ~(
    item("fake (front |side |welt |flap )?pockets?") & ~real("pocket", "fake (front |side |welt |flap )*pockets?")
)
WIDE_LEGS = item("\\bwide[- ]leg|\\bwide,? (?:(?!belt|tie|waist|elastic|ribb|panel)[a-z-]+,? ){0,3}legs") | facts(
    "^(super-|extra-)?wide\\b"
)
ANKLE_BOOTS = BOOT & text("ankle boot|chelsea|ankle-height|ankle-length")
LEATHER_UPPER = (
    NET_A_PORTER & title("leather") & ~title("suede|calf hair")
    | HM & item("(?<!imitation )\\bleather ankle|in (soft |grained )?leather")
) & ~title("faux")
BLOUSE = category("> Blouse|Tops > Blouses") | category("> (Top|Shirt)|Clothing > Tops") & item("blouse")

REQUESTS = (
    Request(
        "fk-031",
        "my 5 year old daughter needs a cotton dress",
        {"type": "dress", "audience": "girl of 5", "material": "cotton"},
        3,
        {
            "type": category("> Dress$") | category("Costumes|Garment Set") & item("dress"),
            "audience": GIRL | department("Kids Accessories"),
            "material": item("cotton"),
        },
        category("Costumes|Garment Set") | item("\\bset\\b") | department("Kids Accessories|Young Girl"),
    ),
    Request(
        "fk-032",
        "mens stripey t-shirt",
        {"type": "t-shirt", "pattern": "striped", "audience": "men"},
        3,
        {"type": T_SHIRT, "pattern": STRIPED, "audience": MEN},
        item("long[- ]sleeve|long sleeves|sleeveless|vest top"),
    ),
    Request(
        "fk-033",
        "grey v neck cardigan",
        {"type": "cardigan", "colour": "grey", "feature": "v-neck"},
        3,
        {"type": CARDIGAN, "colour": GREY, "feature": text("v-neck|v neck|v-shaped neck"), "audience": ADULT},
    ),
    Request(
        "fk-034",
        "high waisted bikini bottoms, anything but black",
        {"type": "bikini bottoms", "feature": "high waist", "colour_not": "black"},
        3,
        {"type": BIKINI_BOTTOM, "feature": HIGH_WAIST, "colour not black": ~BLACK, "audience": ADULT},
        category("Bikinis") & ~title("briefs"),
    ),
    Request(
        "fk-035",
        "hunter wellies under 100 dollars",
        {"type": "wellington boots", "brand": "Hunter", "price_max": 100},
        3,
        {"type": category("Rain_Boots") | item("wellington"), "brand": brand("^Hunter$"), "price": costs(high=100)},
    ),
    Request(
        "fk-036",
        "cashmere sweater between 200 and 400 dollars",
        {"type": "sweater", "material": "cashmere", "price_min": 200, "price_max": 400},
        3,
        {
            "type": SWEATER_TITLE | JUMPER | category("Clothing > Knitwear") & title("cashmere top$"),
            "material": item("cashmere"),
            "price": costs(200, 400),
            "audience": ADULT,
        },
        NET_A_PORTER & ~share("cashmere", 50) | title("\\btop\\b") & ~title("sweater"),
    ),
    Request(
        "fk-037",
        "flat shoes in leopard print",
        {"type": "shoes", "pattern": "leopard print", "feature": "flat"},
        3,
        {"type": category("^Shoes"), "pattern": LEOPARD, "feature": (FLAT_CATEGORY | FLAT_TYPE) & heel_mm(30), "audience": ADULT},
    ),
    Request(
        "fk-038",
        "linen trousers in earthy colours",
        {"type": "trousers", "material": "linen", "colour": "earthy: beige, brown, khaki, rust, ochre"},
        3,
        {"type": TROUSERS, "material": item("\\blinen"), "colour": EARTHY | colour("Dark Green"), "audience": ADULT},
        item("some linen|containing linen|linen content") | colour("Dark Yellow", "Dark Green"),
    ),
    Request(
        "fk-039",
        "maxi dress under $40",
        {"type": "dress", "length": "maxi", "price_max": 40},
        3,
        {
            "type": DRESS & ~facts("^long, straight-cut shirt in"),
            "length": (MAXI | facts("^long kaftan")) & ~facts("calf-length"),
            "price": costs(high=40),
            "audience": ADULT,
        },
        item("kaftan"),
    ),
    Request(
        "fk-040",
        "wool jumper for my dad",
        {"type": "jumper", "material": "wool", "audience": "men"},
        3,
        {
            "type": category("Upper body > (Sweater|Cardigan)|Unknown") & item("knit|jumper|sweater"),
            "material": item("wool|merino"),
            "audience": MEN,
        },
        item("some wool|containing wool") | category("Cardigan"),
    ),
    Request(
        "fk-041",
        "girls leggings, no pink please",
        {"type": "leggings", "audience": "girls", "colour_not": "pink"},
        3,
        {
            "type": category("Leggings") | item("leggings"),
            "audience": GIRL | department("Baby Girl|Kids Sports|Kids Outerwear"),
            "colour not pink": ~PINK,
        },
        department("Baby Girl|Kids Sports|Kids Outerwear") | facts("^set ") | text("pink"),
    ),
    Request(
        "fk-042",
        "evening gown under $1000, not black",
        {"type": "evening gown", "price_max": 1000, "colour_not": "black"},
        3,
        {"type": GOWN, "price": costs(high=1000), "colour not black": ~BLACK},
    ),
    Request(
        "fk-043",
        "black knee length pencil skirt",
        {"type": "pencil skirt", "colour": "black", "length": "knee"},
        3,
        {
            "type": category("Skirt|Unknown") & text("pencil") & item("skirt"),
            "colour": BLACK,
            "length": category("Knee_Length") | item("knee-length|to the knee"),
            "audience": ADULT,
        },
        NET_A_PORTER & ~BLACK_ALONE,
    ),
    Request(
        "fk-044",
        "flowery skirt under 400 dollars",
        {"type": "skirt", "pattern": "floral", "price_max": 400},
        3,
        {
            "type": category("> Skirt$|Clothing > Skirts"),
            "pattern": facts(
                "floral|flower|\\broses?\\b(?! gold)|daisy|daisies|blossom|tulip|lily|orchid|poppy|magnolia|botanical"
            )
            | NET_A_PORTER & title("floral|flower"),
            "price": costs(high=400),
            "audience": ADULT,
        },
    ),
    Request(
        "fk-045",
        "Stella McCartney bag, no clutches",
        {"type": "bag", "brand": "Stella McCartney", "type_not": "clutch"},
        3,
        {"type": category("^Bags"), "brand": brand("Stella McCartney"), "not clutch": ~category("Clutch") & ~title("clutch")},
        brand("Adidas"),
    ),
    Request(
        "fk-046",
        "one piece swimsuit under $40 in any colour but black",
        {"type": "swimsuit", "price_max": 40, "colour_not": "black"},
        3,
        {
            "type": category("> Swimsuit|One-Piece") | category("Swimwear") & facts("swimsuit"),
            "price": costs(high=40),
            "colour not black": ~BLACK,
            "audience": ADULT,
        },
    ),
    Request(
        "fk-047",
        "denim skirt under $25",
        {"type": "skirt", "material": "denim", "price_max": 25},
        3,
        {
            "type": (category("> Skirt$|Clothing > Skirts") | category("Unknown") & facts("skirt"))
            & ~facts("dungaree dress|skort"),
            "material": DENIM,
            "price": costs(high=25),
            "audience": ADULT,
        },
        item("twill|jersey") & ~item("denim"),
    ),
    Request(
        "fk-048",
        "outerwear with a hood for my 8 year old son",
        {"type": "outerwear", "feature": "hood", "audience": "boy of 8"},
        3,
        {
            "type": category("Jacket|Coat|Outdoor|overall") | department("Kids Outerwear") & category("Garment Set|Top|Unknown"),
            "feature": item("hood"),
            "audience": BOY | department("Kids Outerwear|Kids Sports"),
        },
        PINK
        | category("Waistcoat|overall|Top|Garment Set")
        | department("Kids Outerwear|Kids Sports") & ~title("^(func\\. )?(bb|sb)\\b"),
    ),
    Request(
        "fk-049",
        "cotton bra with no underwire",
        {"type": "bra", "material": "cotton", "feature_not": "underwire"},
        3,
        {
            "type": BRA,
            "material": HM & item("cotton") | NET_A_PORTER & share("cotton", 50),
            "no underwire": ~(text("(?<!non-)(?<!no )underwire") | category("Underwired")),
            "audience": ADULT,
        },
        text("nursing|maternity"),
    ),
    Request(
        "fk-050",
        "nike hoodie for men",
        {"type": "hoodie", "brand": "Nike", "audience": "men"},
        3,
        {"type": category("Hoodie|Sweatshirts_and_Hoodies"), "brand": brand("^Nike$"), "audience": MEN},
    ),
    Request(
        "fk-051",
        "cotton shirt dress with a collar and long sleeves, less than $40",
        {"type": "shirt dress", "material": "cotton", "feature": ["collar", "long sleeves"], "price_max": 40},
        5,
        {
            "type": SHIRT_DRESS,
            "material": item("cotton"),
            "collar": item("collar|lapels"),
            "long sleeves": LONG_SLEEVES,
            "price": costs(high=40),
            "audience": ADULT,
        },
    ),
    Request(
        "fk-052",
        "birthday present for my mum - a silk scarf, 300 dollars at the most, and please no skulls",
        {"type": "scarf", "material": "silk", "price_max": 300, "pattern_not": "skulls", "audience": "women"},
        5,
        {
            "type": SCARF | facts("^(square )?scarf in"),
            "material": item("\\bsilk"),
            "price": costs(high=300),
            "no skulls": ~text("skull"),
            "audience": WOMEN,
        },
        NET_A_PORTER & item("blend|wool|cashmere|modal") & ~share("silk", 51),
    ),
    Request(
        "fk-053",
        "slim fit navy chinos for men under 40",
        {"type": "chinos", "fit": "slim", "colour": "navy", "audience": "men", "price_max": 40},
        5,
        {
            "type": item("chino"),
            "fit": item("\\bslim|skinny"),
            "colour": colour("Dark Blue") | item("navy"),
            "audience": MEN,
            "price": costs(high=40),
        },
        item("skinny") & ~item("slim"),
    ),
    Request(
        "fk-054",
        "womens black single breasted blazer with pockets, under $50",
        {
            "type": "blazer",
            "audience": "women",
            "colour": "black",
            "cut": "single-breasted",
            "feature": "pockets",
            "price_max": 50,
        },
        6,
        {
            "type": BLAZER | item("blazer"),
            "audience": WOMEN,
            "colour": BLACK,
            "cut": item("single-breasted"),
            "feature": POCKETS,
            "price": costs(high=50),
        },
    ),
    Request(
        "fk-055",
        "high waisted wide leg trousers under $40 - no jeans and not in black",
        {"type": "trousers", "feature": ["high waist", "wide leg"], "price_max": 40, "type_not": "jeans", "colour_not": "black"},
        6,
        {
            "type": TROUSERS,
            "not jeans": ~(pattern("Denim") | item("\\bdenim")),
            "high waist": HIGH_WAIST,
            "wide leg": WIDE_LEGS,
            "price": costs(high=40),
            "colour not black": ~BLACK,
            "audience": ADULT,
            "not shorts": ~facts("shorts"),
        },
        facts("taper|close-fitting cuffs"),
    ),
    Request(
        "fk-056",
        "black leather ankle boots without a heel, up to $1000",
        {"type": "ankle boots", "colour": "black", "material": "leather", "feature_not": "heel", "price_max": 1000},
        5,
        {
            "type": ANKLE_BOOTS,
            "colour": BLACK,
            "material": LEATHER_UPPER,
            "no heel": (category("Boots > Flat|Rain") | HM) & heel_cm(2.5) & heel_mm(30),
            "price": costs(high=1000),
            "audience": ADULT,
        },
        NET_A_PORTER & ~BLACK_ALONE,
    ),
    Request(
        "fk-057",
        "white blouse with long sleeves but not lace, under $30",
        {"type": "blouse", "colour": "white", "feature": "long sleeves", "material_not": "lace", "price_max": 30},
        5,
        {
            "type": BLOUSE,
            "colour": colour("White", "Off White"),
            "feature": LONG_SLEEVES,
            "not lace": ~(pattern("Lace") | item("\\blace\\b|lacy")),
            "price": costs(high=30),
            "audience": WOMEN,
        },
        colour("Off White") | item("broderie|crochet") | facts("tunic|^[^.]*dress") | pattern("Stripe|All over|Check"),
    ),
    Request(
        "fk-058",
        "a zip up hoodie for my boyfriend, not black pls, max $40",
        {"type": "hoodie", "feature": "zip", "audience": "men", "colour_not": "black", "price_max": 40},
        5,
        {
            "type": category("Hoodie|Sweater|Jacket|Top|Unknown|Cardigan")
            & item("\\bhood")
            & item("sweatshirt|hoodie|jersey")
            & ~facts("windbreaker|woven|nylon weave|popover|windproof")
            | title("hybrid hood"),
            "feature": facts("zip down the front|zip-through|full-length zip"),
            "audience": MEN,
            "colour not black": ~BLACK,
            "price": costs(high=40),
        },
        title("hybrid hood|^olle midlayer"),
    ),
    Request(
        "fk-059",
        "green suede high heels for under $300",
        {"type": "heeled shoes", "colour": "green", "material": "suede", "price_max": 300},
        4,
        {
            "type": category("^Shoes") & (category("High_Heel|Heel") | item("\\bheels?\\b")),
            "colour": colour_like("Green|Khaki"),
            "material": item("(?<!imitation )(?<!faux )\\bsuede"),
            "price": costs(high=300),
        },
    ),
    Request(
        "fk-060",
        "I need a red waterproof jacket with a hood for my 3 yr old boy, under $30",
        {"type": "jacket", "colour": "red", "feature": ["waterproof", "hood"], "audience": "boy of 3", "price_max": 30},
        6,
        {
            "type": category("Jacket|Coat|Outdoor"),
            "colour": colour_like("Red"),
            "waterproof": item("waterproof|water-repellent|rain"),
            "hood": item("hood"),
            "audience": KIDS,
            "price": costs(high=30),
        },
    ),
)
