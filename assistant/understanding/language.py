"""Which language a message is in, by its script and commonest words."""

from __future__ import annotations

import re

from assistant.schema import Language

_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_LETTER = re.compile(r"[^\W\d_]")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")
_FOREIGN = {
    "de": "ich suche ein eine einen und nicht für mit rot kleid schwarz bitte haben sie möchte unter zum zur der die das ist wie bin auf schuhe",
    "fr": "je cherche une un et pas pour avec robe rouge noir s'il vous plaît avez voudrais moins le la les est des du suis sur chaussures",
    "es": "busco una un y no para con vestido rojo negro por favor tiene quiero menos el la los las es hola zapatos gracias que",
    "it": "cerco una un e non per con vestito rosso nero favore avete vorrei meno il lo gli è ciao scarpe grazie che sono",
    "nl": "ik zoek een en niet voor met jurk rood zwart alstublieft heeft wil onder de het is schoenen hoe kan",
    "pt": "procuro uma um e não para com vestido vermelho preto favor tem quero menos o os as é olá sapatos obrigado que",
}
"""Common words of other languages in Latin script. A message is called foreign only by two of one language and none of English."""
_ENGLISH = (
    "i you the a an and or not for with to of in is are it my me under over do does have want need looking show something please "
    "dress shoes shirt red black"
)


def detect(message: str) -> Language:
    """ "zh" where Han characters make up at least a third of the letters, else "en" (read as English as well as can be)."""
    letters = len(_LETTER.findall(message))
    return "zh" if letters and 3 * len(_HAN.findall(message)) >= letters else "en"


def is_foreign(message: str) -> bool:
    """True for a message that is neither English nor without words: another script, or the commonest words of another language and none
    of English."""
    letters = len(_LETTER.findall(message))
    if letters and 2 * len(_LATIN.findall(message)) < letters:
        return True
    words = set(re.findall(r"[^\W\d_]+(?:'[^\W\d_]+)?", message.casefold()))
    return not words & set(_ENGLISH.split()) and any(len(words & set(known.split())) >= 2 for known in _FOREIGN.values())


def has_words(message: str) -> bool:
    """True when there is any letter or digit; emoji and signs alone say nothing to search for."""
    return re.search(r"[^\W_]", message) is not None
