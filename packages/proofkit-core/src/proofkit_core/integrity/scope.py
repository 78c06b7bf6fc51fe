"""Says how a clause is meant: negated, supposed, asked, quoted, set in the exercise. Then nothing is claimed."""

import re

from proofkit_core.integrity.clauses import is_question
from proofkit_core.integrity.hits import Hit
from proofkit_core.integrity.page import Page

_NEAR = 40
"""A negation so many characters before a claim takes it back: `nobody asked me`, `not for a real client`."""
_REPORTED = ("testimonial.", "award.", "credential.", "client.endorsed", "disclosure.")
"""What stands in a block quotation or between quotation marks still counts for these."""
_NEGATED = re.compile(
    r"\b(?:not|never|nobody|no one|no-one|none|nor|neither|cannot|without|hardly|nothing|no longer|yet to|instead of|rather than"
    r"|far from|haven't|hasn't)\b(?! only\b| just\b| merely\b| least\b| to mention\b)|n't\b|\bno (?!matter\b|doubt\b|drama\b|wonder\b|longer\b)|\bnot yet\b"
)
_NONE_OF = re.compile(r"\b(?:no|not|without|never had|have no|n't have|nor|neither) (?:an? |any |even )?$")
_NOT_YET = re.compile(r"\b(?:once|until|till|as soon as|before) [^,]*$")
_NOTHING = re.compile(r"(?: \w+)? (?:nothing|nobody|no one|none)\b")
_SUPPOSED = re.compile(
    r"^(?:before|until|once|as soon as)\b|\b(?:if|unless|whether|as though|as if|imagin\w+|suppos(?:e|es|ed|ing)|pretend\w*|wish\w*|hop(?:e|es|ing)|what if|one day|some day|someday|"
    r"would love|'d love|would like|'d like|want to|looking for|look for|searching for|seeking|apply(?:ing)? (?:for|to)|dream\w*|advice|before anyone|had i|were i|until then)\b"
)
_CONDITIONAL = re.compile(
    r"\b(?:would|could|might|should|may)\b|\b(?:i|we|you|they|he|she|it)'d (?!been\b|had\b)(?!\w+ed\b)"
)
_ALLOWED_AFTER_WOULD = re.compile(
    r"\b(?:would|could|might|should|'d)\b.{0,200}\b(?:once|until|after|before|when|how|what|where|as soon as|which|who|whether) $"
)
_EXERCISE = re.compile(
    r"\b(?:in|for|of|within|during|from|inside) (?:this|the|an?|my|our|each|that) (?:\w+ ){0,2}?"
    r"(?:exercise|simulation|scenario|role-?play|practice piece|practice project|made-up world|fictional world|story|sample's story)\b"
    r"|\b(?:in|within|of|during|throughout|under|inside|across|for) (?:this|the|my|our|an?) (?:\w+ )?(?:simulated|imagined|fictional|invented|made-up|practice|imaginary|fictitious|hypothetical)\b"
    r"|\bin the story\b|\bthe (?:exercise|scenario|brief) (?:says|said|asks|calls|gives|puts|names|uses)\b|\bhypothetical\w*\b|\bimaginary\b|\brole-?play\w*\b"
)
_LABEL = re.compile(r"[^\w]*(?:simulat\w+|practice|fictional|mock) (?:project|work sample|exercise|piece|sample|case|brief)?[^:.;]{0,60}:")
"""`Simulated project: led the redesign` says what it is before it says anything."""
_MADE_UP = re.compile(
    r"\b(?:fictional|fictitious|simulated|invented|imaginary|imagined|made[- ]up|pretend|mock|hypothetical)\b"
    r"|(?<!best )(?<!good )(?<!in )(?<!into )(?<!general )(?<!the )\bpractice (?!manager|nurse|partner|team|owner|lead|staff)[a-z]"
)
_HARD = (
    "employment.experience",
    "employment.people",
    "employment.place",
    "employment.role",
    "client.own",
    "client.served",
)
"""What an adjective such as `simulated` elsewhere in the clause does not take back."""


def is_exempt(hit: Hit) -> bool:
    """Say whether the clause of a hit claims nothing."""
    page, rule = hit.page, hit.row.rule
    reported = rule.startswith(_REPORTED)
    if not reported and (page.passage.quoted or page.is_quoted(hit.start) or page.is_quoted(hit.end - 1)):
        return True
    sentence_start, sentence_end = page.sentence_at(hit.start)
    if rule == "disclosure.denied":
        return _is_conditional(page, hit, sentence_start) or is_question(page.lower, sentence_start, sentence_end)
    if reported and page.is_quoted(hit.start) and not rule.startswith("testimonial"):
        return True
    if not rule.startswith(_HARD) and _LABEL.match(page.lower, sentence_start, hit.start + 1):
        return True
    if reported:
        return bool(_EXERCISE.search(page.lower, sentence_start, hit.start)) or _is_taken_back(page, hit, sentence_start)
    if _EXERCISE.search(page.lower, sentence_start, max(hit.end, page.clause_at(hit.end - 1)[1])) or _is_made_up(hit):
        return True
    if page.lower[sentence_start:sentence_end].rstrip(" \"')]").endswith("?"):
        return not hit.row.presupposes or is_question(page.lower, sentence_start, sentence_end)
    return _is_taken_back(page, hit, sentence_start)


def _is_made_up(hit: Hit) -> bool:
    """Say whether the clause itself calls its object invented: `led an imaginary team`."""
    if hit.row.rule.startswith(_HARD):
        return bool(_MADE_UP.search(hit.page.lower, hit.start, hit.end))
    _, clause_end = hit.page.clause_at(hit.end - 1)
    return bool(_MADE_UP.search(hit.page.lower, hit.start, max(hit.end, clause_end)))


def _is_taken_back(page: Page, hit: Hit, sentence_start: int) -> bool:
    lower = page.lower
    clause_start, _ = page.clause_at(hit.start)
    before = lower[clause_start : hit.start]
    if not hit.has_subject and _NOT_YET.search(before):
        return True
    if _SUPPOSED.search(before) or _SUPPOSED.search(lower, hit.start, hit.end):
        return True
    if hit.has_subject:
        if _ALLOWED_AFTER_WOULD.search(lower[sentence_start : hit.start]):
            return True
        return bool(_NEGATED.search(lower, hit.start, hit.end) or _NOTHING.match(lower, hit.end))
    if hit.row.presupposes:
        return bool(_NONE_OF.search(lower, clause_start, hit.start))
    if _NEGATED.search(lower, max(clause_start, hit.start - _NEAR), hit.end):
        return True
    if hit.row.rule.startswith(("credential.", "award.")):
        clause_end = page.clause_at(hit.end - 1)[1]
        if _NEGATED.search(lower, hit.end, clause_end) or _CONDITIONAL.search(lower, hit.end, clause_end):
            return True
    return _is_conditional(page, hit, clause_start)


def _is_conditional(page: Page, hit: Hit, start: int) -> bool:
    return bool(_CONDITIONAL.search(page.lower, start, hit.end) or _SUPPOSED.search(page.lower, start, hit.start))
