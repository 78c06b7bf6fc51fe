"""Finds text that is not in English: the rules cannot read it, so it is reported instead of passed."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from proofkit_core.integrity.claims import Claim, Standing
from proofkit_core.integrity.folding import fold_plain
from proofkit_core.integrity.page import Page
from proofkit_core.integrity.passages import PassageKind

MIN_FOREIGN = 3
"""So many small words of another language in a sentence, and more of them than English ones, make it that language's."""
MIN_LETTERS = 12
"""So many letters of another alphabet in a sentence, and more of them than Latin ones, do too."""
_WORD = re.compile(r"[^\W\d_]+")
_ENGLISH = frozenset(
    "the and of to a in is it that for on with as was at by be this are from or an have not i you we they he she but "
    "what so my your their its his her our which who when where how would could will can has had do does did if then "
    "than there here up out over about into no yes just one two before after".split()
)
_LANGUAGES = {
    "German": "habe hast wurde werden wird dieser diese dieses diesen beim wo was der die das und ist nicht ein eine einen einem einer ich wir sie er es auf mit für von den dem des zu im am auch wird "
    "sind war wenn weil dass bei nach aus wie oder aber noch nur schon über vor zum zur sich als hat haben bleibt erst bis "
    "uns mein meine kein keine",
    "French": "le la les des du un une et est ne pas que qui dans pour sur avec au aux ce cette ces je nous vous il elle ils en se sa "
    "son ses mais ou où par plus tout d l j s n qu c sont été être fait leur notre votre mon ma mes",
    "Spanish": "el la los las un una unos y es no que en de del al para por con se su sus lo como más pero si sin sobre este esta "
    "estos son fue era yo nos mi mis hay ha han está muy ya porque cuando donde",
    "Italian": "il lo la i gli le un uno una e è non che di del della dei delle al alla con su si suo sua sono era ho ha hanno "
    "questo questa come più ma se nel nella dal dalla perché quando dove resta sempre",
    "Portuguese": "o a os as um uma e é não que de do da dos das em no na nos nas para por com se seu sua mais mas como foi são está "
    "eu nós meu minha este esta isso ao à ali só depois onde porque",
    "Dutch": "de het een en is niet van in op te dat die voor met aan er om ook maar als bij nog wel zijn was heb heeft ik wij we ze "
    "hij zij naar uit over door dan omdat geen mijn onze deze dit",
    "Polish": "i w z na do nie się jest to że o za po od jak ale dla przez ich jego jej który która które być był była są tylko już "
    "czy gdy jeśli oraz tym tego potem najpierw ma nas",
    "Swedish": "och att det som en ett är på för med av den till inte om jag vi har de från var kan ska men så hade eller när efter",
    "Danish": "og at det som en et er på for med af den til ikke om jeg vi har de fra var kan skal men så havde eller når efter",
    "Turkish": "ve bir bu için ile de da ne gibi daha çok ama olan olarak sonra kadar var yok biz ben o şu her en",
    "Romanian": "și este nu un o de la în cu pe care din pentru mai ce sunt se am să dar după sau când",
    "Czech": "a je se na v že to s z do o jsem jsou byl byla ale jak pro za po který která které nebo když",
    "Hungarian": "a az és hogy nem egy is meg de ez van volt csak már mint vagy ha ki el még",
    "Finnish": "ja on ei se että oli hän ole mutta kun tai niin myös kuin joka ovat minä me",
}
_FOREIGN: dict[str, frozenset[str]] = {
    name: frozenset(fold_plain(words).split()) - _ENGLISH for name, words in _LANGUAGES.items()
}
_LATIN_END = 0x24F


def read_language(pages: Sequence[Page]) -> Iterator[Claim]:
    """Yield the first sentence of a text that is in another language, if there is one.

    Args:
        pages: The passages of the text.
    """
    for page in pages:
        if page.passage.kind is PassageKind.CODE or page.passage.quoted:
            continue
        for start, end in page.sentences:
            if not page.is_quoted(start) and _is_foreign(page.lower[start:end]):
                yield page.claim("language.unsupported", start, end, Standing.OPEN)
                return


def _is_foreign(sentence: str) -> bool:
    words = _WORD.findall(sentence)
    other = sum(len(word) for word in words if ord(word[0]) > _LATIN_END and ord(word[0]) < 0xE000)  # noqa: PLR2004 - the private area holds masked names
    if other >= MIN_LETTERS and other > sum(len(word) for word in words) / 2:
        return True
    counts = Counter(name for word in set(words) for name, small in _FOREIGN.items() if word in small)
    if not counts:
        return False
    most = counts.most_common(1)[0][1]
    return most >= MIN_FOREIGN and most > 2 * sum(word in _ENGLISH for word in words)
