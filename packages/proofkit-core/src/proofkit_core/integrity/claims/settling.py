"""Says what becomes of a hit: exempt by its scope, carried by the facts, or open."""

from bisect import bisect_left

from proofkit_core.faithfulness import stem
from proofkit_core.integrity.claims.backing import Backing, back, is_told, weighty_verbs
from proofkit_core.integrity.claims.claim import Claim, Standing
from proofkit_core.integrity.claims.grammar import load_grammar
from proofkit_core.integrity.claims.hits import Hit
from proofkit_core.integrity.claims.rewriting import change
from proofkit_core.integrity.claims.scope import is_exempt
from proofkit_core.integrity.figures.quantities import UnitKind
from proofkit_core.integrity.reading.folding import COMPANY
from proofkit_core.integrity.reading.passages import PassageKind


def settle(hit: Hit) -> Claim:
    """Return the claim that a hit makes, with its standing."""
    page, rule = hit.page, hit.row.rule
    heading = page.passage.kind is PassageKind.HEADING and hit.row.presupposes
    if heading or is_exempt(hit):
        return page.claim(rule, hit.start, hit.end, Standing.EXEMPT)
    refs = _support(hit)
    if refs:
        return page.claim(rule, hit.start, hit.end, Standing.SUPPORTED, support=refs)
    return page.claim(rule, hit.start, hit.end, Standing.OPEN, changes=change(hit))


def _support(hit: Hit) -> tuple[str, ...]:
    page = hit.page
    clause_start, clause_end = page.clause_at(hit.start)
    end = max(hit.end, page.clause_at(hit.end - 1)[1], clause_end)
    deeds = _deeds(hit)
    if hit.row.scenario:
        ref = is_told(page, min(clause_start, hit.start), end, deeds) or is_told(page, hit.start, hit.end, deeds)
        if ref:
            return (ref,)
    if COMPANY in page.lower[hit.start : end]:
        return ()
    # A remark in brackets, such as `(own experience)`, is not part of the person's words.
    bracket = page.lower.find(" (", hit.end, end)
    end = end if bracket < 0 else bracket
    if page.is_users_own(hit.start, end):
        return ("user",)
    if hit.row.by_number:
        told = [q for q in page.quantities_in(hit.start, hit.end) if q.kind is UnitKind.TIME]
        refs = tuple(page.facts.user.carries_number(q) for q in told)
        return refs if refs and all(refs) else ()
    verb = load_grammar().vocabulary.bases.get(hit.word("verb"), "")
    spoken = deeds - weighty_verbs()
    comma = page.lower.find(", ", hit.end, end)
    stops = (end, end if comma < 0 else comma, hit.end if hit.row.alone else end)
    for start, stop in dict.fromkeys([*((hit.start, stop) for stop in stops), (clause_start, end)]):
        backing, refs = back(page, start, stop, verb, spoken)
        if backing is Backing.YES and _says_what_counts(hit):
            return refs or ("user",)
    return ()


def _deeds(hit: Hit) -> frozenset[str]:
    """Return the verbs among a hit's words."""
    bases = load_grammar().vocabulary.bases
    first = bisect_left(hit.page.words, hit.start, key=lambda word: word.start)
    last = bisect_left(hit.page.words, hit.end, key=lambda word: word.start)
    return frozenset(word.text for word in hit.page.words[first:last] if word.text in bases)


def _says_what_counts(hit: Hit) -> bool:
    """Say whether the facts hold the certificate, the prize or the praise itself, not just what stands around it."""
    if not hit.row.rule.startswith(("credential.", "award.", "testimonial.")):
        return True
    classes = load_grammar().vocabulary.classes
    telling = frozenset[str]().union(*(classes[name] for name in ("paper", "certname", "certified", "award", "praise")))
    told = {stem(t.word) for t in hit.page.tokens_in(hit.start, hit.end) if t.word in telling}
    return not told or any(told & sentence.words for sentence in hit.page.facts.user.sentences)
