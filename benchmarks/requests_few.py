"""Sixty shopping requests to fashion20k with what a shopper would call right, the thirty of one or two constraints here.

They were written and labelled from the source alone by somebody who had not read the product's code. Decisions for the whole set:

- A price counts only where it is stated. Who names no audience is a grown-up; what is not a department of men or children is women's.
- The colour is the column's. A property that is not mentioned does not hold, so it is right where the property is refused.
- The type is what the row is, wherever its category files it; style names of H&M ("Rose skirt") are no properties.
- Material: for H&M "X blend" is X, "containing some X" is not; for Net-a-Porter the fibre must be the main one. An imitation is not the thing.
- `arguable`: rows that two careful people would label differently. They are neither right nor wrong.
"""

from __future__ import annotations

from benchmarks.requests_tests import (
    ADULT,
    BLACK,
    HM,
    KIDS,
    MEN,
    NET_A_PORTER,
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
    text,
    title,
)

GREY = colour("Grey", "Light Grey", "Dark Grey", "Gray")
PINK = colour("Pink", "Light Pink", "Dark Pink", "Other Pink")
JUMPSUIT = (
    category("Clothing > Jumpsuits")
    | HM & facts("jumpsuit|playsuit|boiler suit") & ~category("Underwear|Night")
    | HM & category("Jumpsuit/") & ~facts("dungaree dress")
)
TRAINERS = category("Shoes > Sneakers") | HM & category("^Shoes|Unknown") & facts(
    "^(hi-top |platform |slip-on |chunky )?trainers"
)
BACKPACK = category("Backpack") | HM & category("Bag") & item("backpack|back ?pack|rucksack")
DRESS = (
    category("> Dress$|Clothing > Dresses") & ~facts("playsuit|jumpsuit")
    | HM
    & category("Upper body > (Top|Blouse|Shirt|Sweater|T-shirt)|Unknown")
    & facts("^[a-z0-9/,\\- ]*\\bdress\\b")
    & ~facts("^[a-z0-9/,\\- ]*\\bdress(ing)? (shirt|up)")
    | category("Coverups") & title("\\bdress$")
)
DOT_WORDS = item("polka|\\bdots?\\b|dotted|\\bspotted|spot-print|plumeti")
DOTS = pattern("Dot") | DOT_WORDS | NET_A_PORTER & text("polka")
TIGHTS = (category("Underwear Tights|Hosiery > Tights") | category("Unknown") & item("tights")) & item("tights")
LEATHER = item("(?<!imitation )(?<!faux )(?<!fake )\\bleather|nappa|\\bsuede|intrecciato")
SAYS_JEANS = item("\\bjeans\\b|jeggings")
BOOT = category("^Shoes > Boot") | HM & category("^Shoes|Unknown") & facts("^[^.]*\\bboots\\b")
LEGGINGS = (category("Leggings") | category("Trousers|Skinny") & item("leggings")) & item("leggings")
FAUX_LEATHER = item("(imitation|faux|fake)[ -](patent |stretch[- ])?leather|pleather|leather-look|leather-effect")
TOPS = category("Upper body > (Top|Vest top|Blouse|T-shirt|Bodysuit|Shirt)|Clothing > Tops")
SEQUINS = pattern("Sequin") | item("sequin")
HOOP = category("Earring") & item("\\bhoops?\\b") | facts("hoop earrings")
GOLD = colour_like("Gold|gold") | item("\\bgold")

REQUESTS = (
    Request("fk-001", "umbrella", {"type": "umbrella"}, 1, {"type": category("Umbrella")}),
    Request("fk-002", "do you sell any canada goose?", {"brand": "Canada Goose"}, 1, {"brand": brand("^Canada Goose$")}),
    Request(
        "fk-003",
        "I'm looking for a jumpsuit",
        {"type": "jumpsuit"},
        1,
        {"type": JUMPSUIT, "audience": ADULT},
        facts("playsuit|workout") | facts("boiler suit") & ~title("jumpsuit") | item("overalls") | category("> Playsuits"),
    ),
    Request("fk-004", "wrist wathces", {"type": "watch"}, 1, {"type": category("Watch")}),
    Request(
        "fk-005",
        "wellies",
        {"type": "wellington boots"},
        1,
        {
            "type": category("Rain_Boots") | category("^Shoes") & item("wellington|rain ?boot|rubber boot|wellies"),
            "audience": ADULT,
        },
    ),
    Request(
        "fk-006",
        "phone case",
        {"type": "phone case"},
        1,
        {"type": category("Phone_Cases|BlackBerry_Cases") | HM & item("smartphone case|iphone case|phone case")},
    ),
    Request(
        "fk-007",
        "need a new nightie",
        {"type": "nightdress"},
        1,
        {
            "type": category("Nightdresses|Night gown|> Chemises") | item("nightdress|nightslip|nightshirt|nightgown"),
            "audience": ADULT,
        },
        category("> Chemises") | category("Nightdresses") & title("\\btop\\b"),
    ),
    Request(
        "fk-008", "show me everything you have from Tory Burch", {"brand": "Tory Burch"}, 1, {"brand": brand("^Tory Burch$")}
    ),
    Request(
        "fk-009",
        "trench coat",
        {"type": "trench coat"},
        1,
        {"type": category("Trench_Coats") | HM & category("Jacket|Coat|Unknown") & item("trench")},
    ),
    Request(
        "fk-010",
        "dungarees pls",
        {"type": "dungarees"},
        1,
        {"type": item("dungaree|\\boveralls\\b") & ~category("Accessories"), "audience": ADULT},
        facts("dungaree dress") & ~facts("dungarees") | category("Beachwear"),
    ),
    Request(
        "fk-011",
        "white trainers",
        {"type": "trainers", "colour": "white"},
        2,
        {"type": TRAINERS, "colour": colour("White", "Off White", "Off-white"), "audience": ADULT},
        colour("Off White", "Off-white") | facts("chelsea boots"),
    ),
    Request(
        "fk-012",
        "backpack under $100",
        {"type": "backpack", "price_max": 100},
        2,
        {"type": BACKPACK, "price": costs(high=100)},
        KIDS,
    ),
    Request(
        "fk-013",
        "silk pyjama set",
        {"type": "pyjama set", "material": "silk"},
        2,
        {"type": category("Pajamas") & title("\\bset\\b") | category("Pyjama set"), "material": item("\\bsilk")},
    ),
    Request(
        "fk-014",
        "polka dot dress",
        {"type": "dress", "pattern": "dots"},
        2,
        {"type": DRESS, "pattern": DOTS, "audience": ADULT},
        item("swiss|plumeti|spotted tulle") & ~item("polka") & ~pattern("Dot")
        | item("polka dot sleeves|devoré polka|dot-lace|floral and polka-dot")
        | text("polka") & ~DOT_WORDS & ~pattern("Dot"),
    ),
    Request(
        "fk-015",
        "tights in any colour except black",
        {"type": "tights", "colour_not": "black"},
        2,
        {"type": TIGHTS & ~item("stocking|hold-up|sports|functional"), "colour not black": ~BLACK, "audience": ADULT},
    ),
    Request(
        "fk-016",
        "gloves that are not leather",
        {"type": "gloves", "material_not": "leather"},
        2,
        {
            "type": category("Glove"),
            "not leather": ~(LEATHER | item("shearling|calf hair")) | item("faux suede"),
            "audience": ADULT,
        },
        item("warmer") | item("faux suede"),
    ),
    Request(
        "fk-017",
        "a tie for my husband",
        {"type": "tie", "audience": "men"},
        2,
        {"type": category("> Tie$"), "audience": MEN},
        item("bow ?tie"),
    ),
    Request(
        "fk-018",
        "maternity jeans",
        {"type": "jeans", "feature": "maternity"},
        2,
        {
            "type": category("Trousers|Unknown|Leggings") & SAYS_JEANS | category("> Jeans"),
            "feature": department("Mama") | text("matern|pregnan|growing tummy"),
        },
        facts("jeggings"),
    ),
    Request(
        "fk-019",
        "red lipstick",
        {"type": "lipstick", "colour": "red"},
        2,
        {"type": category("Makeup > Lip") & ~title("gloss|balm|pencil|exfoliator"), "colour": colour("Red")},
        title("conditioner"),
    ),
    Request(
        "fk-020",
        "sunglases under 100 bucks",
        {"type": "sunglasses", "price_max": 100},
        2,
        {"type": category("Sunglasses") & ~facts("clear lenses"), "price": costs(high=100), "audience": ADULT},
    ),
    Request(
        "fk-021",
        "looking for a Mulberry handbag",
        {"type": "handbag", "brand": "Mulberry"},
        2,
        {"type": category("^Bags >") & ~category("Travel"), "brand": brand("^Mulberry$")},
    ),
    Request(
        "fk-022",
        "a hat for my newborn nephew",
        {"type": "hat", "audience": "baby boy/newborn"},
        2,
        {
            "type": category("Hat|Beanie|Cap/|Accessories set|Garment Set") & item("\\bhats?\\b|beanie|turban|\\bcap\\b"),
            "audience": department("Baby Essentials|Baby Boy"),
        },
        PINK | category("set|Set") | item("turban|^.*\\| ?cap |\\| cotton cap") | facts("^hat, mittens"),
    ),
    Request(
        "fk-023",
        "boots, but no high heels please",
        {"type": "boots", "feature_not": "high heels"},
        2,
        {"type": BOOT, "no high heels": ~category("High_Heel") & heel_mm(60) & heel_cm(6), "audience": ADULT},
        facts("trainer boots") | ~heel_mm(40) | ~heel_cm(4) | HM & heel_cm(-1) & item("\\bheel(s|ed)?\\b|wedge"),
    ),
    Request(
        "fk-024",
        "purple beret",
        {"type": "beret", "colour": "purple"},
        2,
        {"type": item("\\bberet") & category("Hat|Beret"), "colour": colour_like("Purple")},
    ),
    Request(
        "fk-025",
        "faux leather leggings",
        {"type": "leggings", "material": "faux leather"},
        2,
        {"type": LEGGINGS, "material": FAUX_LEATHER | item("\\bcoated\\b"), "audience": ADULT},
        ~FAUX_LEATHER,
    ),
    Request(
        "fk-026",
        "sequin tops",
        {"type": "top", "material/feature": "sequins"},
        2,
        {"type": TOPS | category("Upper body > Sweater|Knitwear"), "sequins": SEQUINS, "audience": ADULT},
        category("Sweater|Knitwear") | ~(pattern("Sequin") | title("sequin") | item("sequined")),
    ),
    Request(
        "fk-027",
        "hoop earings, not gold",
        {"type": "hoop earrings", "colour/material_not": "gold"},
        2,
        {"type": HOOP, "not gold": ~GOLD},
        facts("hoop-shaped pendant|hoop pendant|ear cuff|\\bstuds\\b"),
    ),
    Request(
        "fk-028",
        "converse trainers",
        {"type": "trainers", "brand": "Converse"},
        2,
        {"type": TRAINERS, "brand": brand("Converse")},
    ),
    Request(
        "fk-029",
        "wedding shoes for a bride",
        {"type": "shoes", "occasion": "bride/wedding"},
        2,
        {"type": category("^Shoes"), "occasion": text("\\bbrid|wedding")},
        text("weddings|a wedding or"),
    ),
    Request(
        "fk-030",
        "scented candles over $50",
        {"type": "candle", "price_min": 50},
        2,
        {"type": category("Candles") | title("candle"), "price": costs(low=50)},
    ),
)
