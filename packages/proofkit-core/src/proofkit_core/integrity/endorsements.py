"""Finds claims of clients, users and endorsements, credentials, testimonials, and a denied exercise."""

import re
from collections.abc import Iterator
from functools import cache

from proofkit_core.integrity.folding import COMPANY
from proofkit_core.integrity.lexicon import any_of, base_of, load_lexicon
from proofkit_core.integrity.life import Found
from proofkit_core.integrity.page import Page

_WORK = r"(?:plan|proposal|recommendation|recommendations|idea|ideas|report|work|analysis|dashboard|solution|design|memo|brief|review|document|checklist)"
_TAKEN_UP = r"(?:adopted|implemented|approved|accepted|endorsed|praised|welcomed|rolled out|signed off|launched|put into practice|taken up|published)"
_CERTIFIED = r"(?:certified|licensed|licenced|accredited|chartered|award-winning|board-certified|qualified|registered)"
_PAPER = (
    r"(?:certificate|certification|certifications|degree|diploma|licence|license|mba|bachelor|bachelor's|master's|masters|phd|"
    r"doctorate|award|awards|prize|medal|scholarship|accreditation|qualification)"
)
_BE = r"(?: am|'m| was|'ve been| have been| became| are| were)"


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    lexicon = load_lexicon()
    past = any_of({v.past for v in lexicon.verbs} | {"resulted", "helped"})
    return (
        ("client.served", re.compile(r"\b(?:i|we)(?:'ve| have| had)? (?:\w+ly |also )?(?P<verb>served|advised|helped|supported|consulted|delivered|partnered|worked|collaborated|negotiated|dealt) (?:directly )?(?:for|with|to)? ?(?:[\w'-]+ ){0,4}?(?:clients?|customers?|partners?)\b")),
        ("client.result_used", re.compile(rf"{COMPANY}+(?: has| have| had| is| are)? (?:\w+ly )?(?:{_TAKEN_UP}|uses|used|using|loved|liked) (?:my|our|this|the) (?:\w+ )?{_WORK}\b")),
        ("client.result_used", re.compile(rf"\b(?:my|our) (?:\w+ )?{_WORK} (?:was|were|has been|have been|had been|got|is|are) (?:\w+ly )?(?:{_TAKEN_UP}|used)\b")),
        ("client.result_used", re.compile(rf"\b(?:my|our) (?:\w+ )?{_WORK} (?:\w+ly )?(?:{past}|led to)\b")),
        ("client.endorsed", re.compile(rf"\b(?:trusted|endorsed|recommended|used|approved) by (?:{COMPANY}+|(?:over |more than )?\d[\d,.]*\+? (?:\w+ )?(?:users|clients|customers|companies|teams|people))")),
        ("client.endorsed", re.compile(rf"\b(?:in partnership with|on behalf of|as a (?:consultant|contractor|supplier|partner) (?:to|for)) {COMPANY}+")),
        ("client.endorsed", re.compile(r"\b(?:for|with|from|by) (?:a|an|our|the) (?:real|actual|paying|existing) (?:client|customer|company|employer)s?\b|\bmy clients include\b|\bclients include\b")),
        ("client.endorsed", re.compile(rf"{COMPANY}+ (?:has |have |had )?(?:\w+ly )?(?:asked|commissioned|thanked) (?:me|us)\b")),
        ("credential.held", re.compile(rf"\b(?:i|we){_BE} (?:also |now |fully |currently )?(?:an? |the )?(?:[\w-]+ ){{0,3}}?{_CERTIFIED}\b(?! to\b)")),
        ("credential.held", re.compile(rf"\bi(?:'ve| have| had| also)? (?:have|hold|held|earned|completed|obtained|gained|received|won|got|passed|possess|achieved|attained) (?:an? |my |the |two |three |several )?(?:[\w'&.+-]+ ){{0,5}}?{_PAPER}\b")),
        ("credential.held", re.compile(rf"\bi have (?:an? |my |two |several )?(?:[\w'&.+-]+ ){{0,3}}?{_PAPER}\b")),
        ("credential.held", re.compile(rf"\bmy (?:[\w'&.+-]+ ){{0,3}}?{_PAPER}\b")),
        ("credential.held", re.compile(r"\b(?:pmp|cpa|prince2|itil|cissp|aws|six sigma|scrum|cima|acca|shrm|cipd|comptia|gdpr|nebosh|iosh)[- ](?:certified|qualified|accredited)\b")),
        ("testimonial.given", re.compile(r"\b(?:said|wrote|told|praised|called|described|recommended|thanked|complimented|commended|congratulated) (?:that )?(?:me|us|my (?:work|plan|report|analysis|idea|proposal|approach))\b(?! (?:to|that|when|what|how|where|why|about|off|back|later|at|in|on|every|if|again)\b)")),
        ("testimonial.given", re.compile(r"\b(?:i|we)(?:'ve| have)? (?:was|were|been|received|got|earned|won) (?:\w+ ){0,3}?(?:praised|praise|commended|recognised|recognized|recognition|positive feedback|great feedback|excellent feedback|glowing|rave reviews?|a reference)\b")),
        ("testimonial.given", re.compile(r"\b(?:manager|boss|supervisor|client|customer|colleague|director|mentor|stakeholder)s? (?:\w+ )?(?:said|told me|wrote|told us) (?:that )?(?:i|my|it|this|we) (?:was|am|had|were|is|did|work\w*)\b")),
        ("disclosure.denied", re.compile(rf"(?<!\w)(?:this|it|that|which|the (?:company|project|case|work|plan)|{COMPANY}+)(?: \w+)? (?:is|was|are|were)(?:n't| not| no) (?:just |only |merely )?(?:an? )?(?:\w+ )?(?:simulat\w+|exercise|fiction\w*|practice piece|invented|made[- ]up|hypothetical|imaginary)\b")),
        ("disclosure.denied", re.compile(rf"(?<!\w)(?:this|it|which|the (?:company|project|case)|{COMPANY}+)(?: \w+)? (?:is|was) (?:an? |in fact an? |actually an? )?(?:real|actual|genuine|existing|live) (?:\w+ )?(?:company|project|client|job|employer|assignment|engagement|firm|business|case)\b")),
        ("disclosure.denied", re.compile(rf"{COMPANY}+ (?:really |actually |does |in fact )exists?\b|\b(?:this|it) (?:really|actually) happened\b")),
    )  # fmt: skip


_NEEDS = {
    "client.served": ("client", "customer", "partner"),
    "client.result_used": ("my ", "our ", COMPANY),
    "client.endorsed": (" by ", "behalf", "partnership", "as a ", "client", "customer", "company", "employer", COMPANY),
    "credential.held": ("i ", "my ", "i'", "we", "certified", "qualified", "accredited"),
    "testimonial.given": (" me", " us", " my", "i ", "i'", "we", " it ", " this "),
    "disclosure.denied": ("simulat", "exercise", "ficti", "real", "actual", "genuine", "exist", "practice", "invented", "made", "live",
                          "hypothetical", "imaginary"),
}  # fmt: skip
"""A quick look: a passage without any of these holds no such claim."""
_OWN_CLIENT = re.compile(r"\b(?P<own>my|our) (?:(?!own\b)[\w-]+ ){0,2}?(?P<who>clients?)\b")


def read_endorsements(page: Page) -> Iterator[Found]:
    """Yield every hit, whatever its clause says about it."""
    lower = page.lower
    wanted = {rule for rule, words in _NEEDS.items() if any(word in lower for word in words)}
    for rule, pattern in _patterns():
        if rule not in wanted:
            continue
        for match in pattern.finditer(lower):
            verb = base_of().get(match.groupdict().get("verb") or "", "")
            yield Found(rule, match.start(), match.end(), verb)
    for match in _OWN_CLIENT.finditer(lower):
        if any("client" in s.text.lower() for s in page.facts.user.sentences):
            continue
        article = "The" if page.folded.text[match.start()].isupper() else "the"
        changes = ((match.start(), match.end("own"), article),)
        yield Found("client.own", match.start(), match.end(), changes=changes, presupposes=True)
