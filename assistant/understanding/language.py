"""Which language a message is in, by its script and commonest words."""

from __future__ import annotations

import re
from collections.abc import Collection

from assistant.schema import Language

_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_LETTER = re.compile(r"[^\W\d_]")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_ELISION = re.compile(r"\b(?:qu|[cdjlmnst])['’](?=[^\W\d_]{2})", re.IGNORECASE)
_FOREIGN = {
    language: frozenset(words.split())
    for language, words in {
        "de": "ich du er sie wir ihr es mir mich uns euch mein meine meinen meiner meinem dein sein seine seinen ein eine einen "
        "einem einer eines kein keine keinen der die das den dem des und oder aber nicht auch nur noch sehr mehr weniger "
        "mit ohne für von vom zu zum zur bei beim nach aus auf an über unter bis um als wie was wo wann warum wer welche "
        "welcher welches wieviel ist sind bin bist war habe hast hat haben hätte hätten kann können könnte möchte will "
        "würde brauche braucht suche suchen sucht gibt gibts zeig zeige zeigen mag trage kaufen bitte danke hallo guten "
        "tag ja nein etwas alles kleid kleider rock hose hosen hemd bluse jacke mantel pullover schuhe stiefel tasche "
        "größe rot rotes rote roten schwarz schwarzes schwarze schwarzen blau blaues blaue blauen grün weiß weißes weiße "
        "hochzeit sommer winter geschenk frau mann tochter sohn mutter vater euro günstig lieferung bestellung wasche "
        "versand kostet",
        "fr": "je tu il elle nous vous ils elles on me moi te mon ma mes ton ta tes son sa ses notre votre un une des le la les "
        "du de au aux et ou mais pas ne plus moins très trop aussi pour avec sans sur sous dans chez par entre que qui "
        "quoi quel quelle quels où quand comment pourquoi combien est sont suis êtes ai as avez avons ont voudrais veux "
        "voulez cherche cherchez besoin faut peux pouvez aime aimerais montrez donnez acheter bonjour salut merci oui non "
        "svp robe robes jupe pantalon manteau chaussures taille rouge noir noire bleu bleue vert verte blanc blanche "
        "mariage été hiver cadeau femme homme fille fils mère père euros livraison commande ce cette ces ceci coûte "
        "retour",
        "es": "yo tú él ella nosotros ustedes me mi mis tu tus su sus un una unos unas el la los las lo del al de en y o pero "
        "no muy más menos también para por con sin sobre entre hasta desde que qué quién cuál cuándo cómo dónde cuánto "
        "cuesta es son soy está están estoy hay tengo tienes tiene tienen busco buscando quiero quisiera necesito puedo "
        "puede pueden gusta gustaría enséñame muéstrame comprar hola buenos días gracias sí favor vestido vestidos falda "
        "pantalones camisa chaqueta abrigo zapatos botas bolso talla rojo roja rojos negro negra azul verde blanco blanca "
        "boda verano invierno regalo mujer hombre hija hijo madre padre euros envío pedido algo",
        "it": "io lei noi voi loro mi ti ci vi mio mia miei un uno una il lo la i gli le del della dei delle di da in con su "
        "per tra fra e o ma non più meno molto anche che chi cosa quale quando come dove quanto costa è sono sei siamo ho "
        "hai ha avete abbiamo hanno vorrei voglio cerco cercando serve posso può potete piace mostrami comprare ciao "
        "buongiorno grazie sì favore vestito vestiti gonna pantaloni camicia giacca cappotto scarpe stivali borsa taglia "
        "rosso rossa rossi nero nera blu verde bianco bianca matrimonio estate inverno regalo donna uomo figlia figlio "
        "madre padre euro spedizione ordine",
        "nl": "ik jij je hij zij wij ze mij me mijn jouw zijn haar ons een de het dit dat deze die en of maar niet geen ook nog "
        "heel meer minder met zonder voor van op onder over bij naar uit tot om als hoe wat waar wanneer waarom wie welke "
        "hoeveel is ben was heb heeft hebben hebt wil willen zou zoek zoekt kan kunnen kunt mag graag alstublieft "
        "alsjeblieft dank bedankt hallo ja nee iets jurk jurken rok broek overhemd jas trui schoenen laarzen tas maat "
        "rood rode zwart zwarte blauw blauwe groen wit witte bruiloft zomer winter cadeau vrouw man dochter zoon moeder "
        "vader euro levering bestelling kost",
        "pt": "eu tu ele ela nós vocês me meu minha meus um uma uns umas o a os as do da dos das no na de em e ou mas não muito "
        "mais menos também para por com sem sobre entre até que quem qual quando como onde quanto custa é são sou está "
        "estou há tenho tem têm procuro procurando quero queria preciso posso pode podem gosto gostaria mostre comprar "
        "olá obrigado obrigada sim favor vestido vestidos saia calças camisa casaco sapatos botas bolsa tamanho vermelho "
        "vermelha preto preta azul verde branco branca casamento verão inverno presente mulher homem filha filho mãe pai "
        "euros entrega encomenda algo",
    }.items()
}
"""Common words of other languages in Latin script."""
_IN_NAMES = (
    "a al an as au da das de dei del della delle den der des di do dos du e el en et i il in la las le les lo los o os van von y"
)
_PARTICLES = frozenset(_IN_NAMES.split())
"""Those of them that also stand in names ("Oscar de la Renta"): they tell no language."""
ACCENTED = frozenset(word for words in _FOREIGN.values() for word in words if not word.isascii())
"""Those of them that without their accents might be taken for English ("für")."""


def detect(message: str) -> Language:
    """ "zh" where Han characters make up at least a third of the letters, else "en" (read as English as well as can be)."""
    letters = len(_LETTER.findall(message))
    return "zh" if letters and 3 * len(_HAN.findall(message)) >= letters else "en"


def is_foreign(message: str, english: Collection[str]) -> bool:
    """True for a message that is neither English nor without words: in another script, or with at least two words that are common in one
    other language and none in English (`english`: its words, without accents and apostrophes), and more of them than words that are English
    alone."""
    letters = len(_LETTER.findall(message))
    if letters and 2 * len(_LATIN.findall(message)) < letters:
        return True
    words = {re.sub("['’]", "", word) for word in _WORD.findall(_ELISION.sub("", message.casefold()))} - _PARTICLES
    native = {word for word in words if word in english}
    return any(2 <= len((words & known) - native) > len(native - known) for known in _FOREIGN.values())


def has_words(message: str) -> bool:
    """True when there is any letter or digit; emoji and signs alone say nothing to search for."""
    return re.search(r"[^\W_]", message) is not None
