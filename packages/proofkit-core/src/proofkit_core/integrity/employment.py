"""Finds claims of a real job: verbs of delivery, places of work, people at work, roles, experience."""

import re
from collections.abc import Iterator
from functools import cache

from proofkit_core.faithfulness import stem
from proofkit_core.integrity.folding import COMPANY, PERSON
from proofkit_core.integrity.lexicon import any_of, base_of, load_lexicon
from proofkit_core.integrity.life import Changes, Found
from proofkit_core.integrity.page import Page
from proofkit_core.integrity.passages import PassageKind
from proofkit_core.integrity.records import Carrier

_AT_COMPANY = rf"{COMPANY}+(?:'s)?"
_SUBJECT = re.compile(rf"\b(?:i|we)\b(?![-.])|{PERSON}+")
_WHO = rf"(?:i|we|{PERSON}+)"
_POSSESSIVE = re.compile(r"\b(?:my|our)\b")
_ADVERB = r"(?:(?:\w+ly|also|then|once|even|just|already|now|often|always|recently|never|both|together|all) ){0,3}?"
_AUX = r"(?:'ve|'d had| have| has| had)?"
_JOBS = (
    r"(?:role|job|position|post|tenure|internship|placement|apprenticeship|traineeship|employment|employer|contract|assignment|"
    r"engagement|day job|career)"
)
_WORKED = (
    r"worked (?:as|at|in|under|alongside|closely|there|full|part|freelance|on site|on the shop floor)\b"
    rf"|worked for (?!(?:a|an|one|two|three|\d+|some|several|half) (?:\w+ )?(?:minutes?|hours?|days?|evenings?|weekends?))"
)
_JOINED = r"(?:joined|interned|volunteered|consulted|freelanced|temped|was employed|started work|began work|spent|started|served|stayed|was|were|am|are|work|contract)"
_HIRED = (
    r"(?:hired|employed|promoted|recruited|appointed|headhunted|retained|engaged|contracted|commissioned|seconded|entrusted|"
    r"tasked|brought in|put in charge|made redundant)"
)
_IDIOM = (
    r" (?:down|myself|ourselves|out|into|through|short|up|back|back on|on the idea|it short|to \w+|with an?|the (?:numbers|question|point)|"
    r"an? (?:question|point)|my (?:hand|question|english|skills|idea)|corners)\b"
)
_LONG_AGO = re.compile(
    r"\b(?:as a (?:child|student|teenager|kid)|ago|last (?:week|month|year|spring|summer|autumn|fall|winter)|once|yesterday|"
    r"when i was|in my twenties|at school|at university|in (?:19|20)\d\d|since (?:19|20)\d\d)\b"
)
_TAUGHT = r"(?:taught|showed|gave|helped|made|prepared)"


def read_employment(page: Page) -> Iterator[Found]:
    """Yield every hit that sounds like a real job, whatever its clause says about it."""
    lower = page.lower
    for subject in _SUBJECT.finditer(lower):
        yield from _after_subject(page, subject.start())
    for possessive in _POSSESSIVE.finditer(lower):
        yield from _after_possessive(page, possessive)
    yield from _dropped_subjects(page)
    yield from _elsewhere(page)


# --- I and we ---------------------------------------------------------------------------------------------------


@cache
def _subject_patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    lexicon = load_lexicon()
    past = any_of({v.past for v in lexicon.verbs} | {v.participle for v in lexicon.verbs})
    gerund = any_of(v.gerund for v in lexicon.verbs)
    base = any_of(v.base for v in lexicon.verbs)
    present = any_of(lexicon.present)
    roles = any_of(lexicon.roles)
    return (
        ("past", re.compile(rf"{_WHO}(?P<aux>{_AUX}) (?P<adverb>{_ADVERB})(?P<verb>{past})\b(?!{_IDIOM})")),
        ("gerund", re.compile(rf"{_WHO}(?:'ve| have| had|'d) been (?P<adverb>{_ADVERB})(?P<verb>{gerund})\b")),
        ("gerund", re.compile(rf"{_WHO}(?: was| were|'m| am|'re| are) (?P<adverb>{_ADVERB})(?P<verb>{gerund})\b")),
        ("present", re.compile(rf"{_WHO} (?P<adverb>{_ADVERB}|currently )(?P<verb>{present})\b(?! with (?:the|a|an)\b)")),
        ("present", re.compile(rf"{_WHO}(?:'ll| will| shall|(?:'m| am|'re| are) (?:going to|about to)) (?P<adverb>{_ADVERB})(?P<verb>{base})\b")),
        ("worked", re.compile(rf"{_WHO}{_AUX} {_ADVERB}(?:{_WORKED})")),
        ("worked", re.compile(rf"{_WHO}{_AUX} been {_ADVERB}(?:working|employed|serving) (?:as|at|for|in|with)\b")),
        ("worked", re.compile(rf"(?:i|we|i'm|i am) {_ADVERB}(?:currently )?(?:work|working) (?:as|at|for)\b")),
        ("place", re.compile(rf"{_WHO}{_AUX} {_ADVERB}(?!worked with ){_JOINED} (?:[\w'-]+ ){{0,4}}?(?:(?:at|for|with|from|inside|in) )?{_AT_COMPANY}")),
        ("place", re.compile(rf"{_WHO}{_AUX} {_ADVERB}worked (?!with (?:at|for) )(?:[\w'-]+ ){{1,5}}?(?:at|for|inside) {_AT_COMPANY}")),
        ("role", re.compile(rf"(?:i am|i'm|i was|i've been|i have been|i became|we are|we were) {_ADVERB}(?:currently |now |formerly |previously )?(?:a|an|the|one of the|{_AT_COMPANY}) (?:(?!one|only|new\b)[\w-]+ ){{0,4}}?{roles}\b(?! to\b)")),
        ("hired", re.compile(rf"{_WHO}(?: was| were| am| are|'m|'re| have been|'ve been| had been| got| will be|'ll be) {_ADVERB}(?:{_HIRED}|in charge of)\b")),
        ("responsible", re.compile(rf"{_WHO}(?P<be> was| were| am| are|'m|'re| have been|'ve been) {_ADVERB}responsible for\b")),
        ("reports", re.compile(rf"{_WHO} (?:reported|report) (?:directly )?to\b")),
    )  # fmt: skip


_SUBJECT_RULES = {
    "past": "employment.verb", "gerund": "employment.verb", "present": "employment.verb", "worked": "employment.place",
    "place": "employment.place", "role": "employment.role", "hired": "employment.passive",
    "responsible": "employment.passive", "reports": "employment.people",
}  # fmt: skip


def _after_subject(page: Page, start: int) -> Iterator[Found]:
    for name, pattern in _subject_patterns():
        match = pattern.match(page.lower, start)
        if not match:
            continue
        rule = _SUBJECT_RULES[name]
        if name in {"past", "gerund", "present"}:
            verb = base_of()[match["verb"]]
            yield Found(rule, start, match.end(), verb, changes=_conditional(page, match, verb))
        elif name == "responsible":
            be = match.start("be") + page.lower[match.start("be") :].startswith(" ")
            space = "" if page.lower[be - 1] == " " else " "
            changes = ((be, match.end(), f"{space}would be responsible for"),)
            yield Found(rule, start, match.end(), changes=changes)
        else:
            yield Found(rule, start, match.end(), verb="work" if name == "worked" else "")
        return


def _conditional(page: Page, match: re.Match[str], verb: str) -> Changes:
    """Return the changes that turn `I led and reduced` into `I would lead and reduce`, or none where that goes wrong."""
    start, end = page.sentence_at(match.start())
    further = _coordinated(page, match.end())
    if further is None or _LONG_AGO.search(page.lower, start, end):
        return ()
    adverb = page.folded.text[match.start("adverb") : match.end("adverb")]
    place = re.compile(rf"{_WHO} ?").match(page.lower, match.start())
    left = place.end() if place else match.start()
    space = "" if page.lower[left - 1] == " " else " "
    return ((left, match.end(), f"{space}would {adverb}{verb}"), *further)


def _coordinated(page: Page, place: int) -> Changes | None:
    """Return changes for the verbs that share the subject, or None where another past verb would be left behind."""
    _, end = page.sentence_at(place)
    changes: list[tuple[int, int, str]] = []
    lexicon = load_lexicon()
    known = {verb.past for verb in lexicon.verbs}
    for match in re.compile(r"(?:, and|,| and|, then| then| and then) (?:\w+ly )?(?P<verb>[a-z-]+)\b").finditer(page.lower, place, end):
        verb = match["verb"]
        if verb in known and verb not in lexicon.ambiguous:
            changes.append((match.start("verb"), match.end("verb"), base_of()[verb]))
        elif verb.endswith("ed") and verb not in known:
            return None
    told = re.compile(rf"\b(?:which|that|this|who) (?:\w+ly )?{any_of(known - lexicon.ambiguous)}\b")
    return None if told.search(page.lower, place, end) else tuple(changes)


# --- my and our -------------------------------------------------------------------------------------------------


@cache
def _possessive_patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    people = any_of(load_lexicon().workplace)
    which = r"(?:(?:current|previous|past|last|former|present|old|first|new|own|recent|latest|full-time|part-time) )?"
    job = re.compile(
        rf"(?:my|our) {which}(?:{_JOBS}\b|(?:time|work|years?|work experience|experience) (?:at|with|for) {_AT_COMPANY})"
        rf"(?: as (?:an? |the )?(?:[\w-]+ ){{0,4}}?{any_of(load_lexicon().roles)}\b)?(?: (?:at|with|for|in) {_AT_COMPANY})?"
    )
    staff = re.compile(rf"(?:my|our) (?:(?!own\b)[\w-]+ ){{0,2}}?(?P<who>{people})\b(?! (?:work|effort|player|spirit|meeting)\b)")
    return job, staff


_LEAD_IN = re.compile(r"\b(?:in|during|throughout|as part of|within|over|through) $")


def _after_possessive(page: Page, possessive: re.Match[str]) -> Iterator[Found]:
    job, staff = _possessive_patterns()
    start = possessive.start()
    match = job.match(page.lower, start)
    if match:
        yield Found("employment.place", start, match.end(), changes=_in_this_exercise(page, match), presupposes=True)
        return
    match = _team_did().match(page.lower, start)
    if match:
        verb = base_of()[match["verb"]]
        yield Found("employment.verb", start, match.end(), verb, changes=_the_team_would(page, match, verb))
    match = staff.match(page.lower, start)
    if match and not page.lower.startswith((" did", " would"), match.end()):
        article = "The" if page.folded.text[start].isupper() else "the"
        changes = ((start, possessive.end(), article),)
        if not _knows(page, match["who"]):
            yield Found("employment.people", start, match.end(), changes=changes, presupposes=True)


@cache
def _team_did() -> re.Pattern[str]:
    lexicon = load_lexicon()
    past = any_of({v.past for v in lexicon.verbs} | {v.participle for v in lexicon.verbs})
    return re.compile(
        rf"(?P<own>my|our) (?P<who>(?:[\w-]+ )?(?:team|department|crew|company|firm|unit)) (?:has |have |had )?"
        rf"(?P<adverb>{_ADVERB})(?P<verb>{past})\b"
    )


def _the_team_would(page: Page, match: re.Match[str], verb: str) -> Changes:
    further = _coordinated(page, match.end())
    if further is None:
        return ()
    text = page.folded.text
    article = "The" if text[match.start()].isupper() else "the"
    who, adverb = text[slice(*match.span("who"))], text[slice(*match.span("adverb"))]
    return ((match.start(), match.end(), f"{article} {who} would {adverb}{verb}"), *further)


def _knows(page: Page, noun: str) -> bool:
    """Say whether the person mentioned such people themselves."""
    return any({stem(word) for word in noun.split()} <= s.words for s in page.facts.user.sentences)


def _in_this_exercise(page: Page, match: re.Match[str]) -> Changes:
    """Turn `In my role at …,` into `In this exercise,`; only a phrase of its own can be replaced."""
    lead = _LEAD_IN.search(page.lower[: match.start()])
    after = page.lower[match.end() : match.end() + 1]
    if not lead or after not in {",", ""} or any(c.isdigit() for c in page.lower[match.start() : match.end()]):
        return ()
    words = "In this exercise" if page.folded.text[lead.start()].isupper() else "in this exercise"
    return ((lead.start(), match.end(), words),)


# --- no subject -------------------------------------------------------------------------------------------------


@cache
def _dropped_patterns() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    lexicon = load_lexicon()
    # What was built can be a part of the exercise, and then it was built.
    every = any_of({v.past for v in lexicon.verbs} - {"built"})
    clear = any_of({v.past for v in lexicon.verbs} - lexicon.ambiguous)
    gerund = any_of(v.gerund for v in lexicon.verbs if v.base in lexicon.present)
    bullet = re.compile(rf"(?P<adverb>(?:\w+ly |also )?)(?P<verb>{every})\b(?! (?:by|in a plan)\b)")
    plain = re.compile(
        rf"(?P<adverb>(?:\w+ly |also )?)(?P<verb>{clear})\b"
        rf"(?= (?:a|an|the|our|my|all|over|more|up|cross|its|their|\d|two|three|four|five|six|seven|eight|nine|ten|several|many|{COMPANY}))"
    )
    return bullet, plain, re.compile(rf"(?P<adverb>)(?P<verb>{gerund})\b")


_PREFIX = re.compile(r"(?:simulated (?:project|work sample|exercise)[^:;.]{0,60}[:;] ?)?")


def _dropped_subjects(page: Page) -> Iterator[Found]:
    bullet, plain, gerund = _dropped_patterns()
    is_bullet = page.carrier is Carrier.BULLET
    if page.passage.kind in {PassageKind.HEADING, PassageKind.CODE} or page.passage.is_header:
        return
    for start, _ in page.sentences:
        prefix = _PREFIX.match(page.lower, start)
        place = prefix.end() if prefix else start
        match = (bullet if is_bullet else plain).match(page.lower, place)
        if match:
            yield _planned(page, match, "how to ")
        elif is_bullet and (match := gerund.match(page.lower, place)):
            yield _planned(page, match, "how to ", gerund=True)
    if is_bullet:
        yield from _joined_in_bullet(page)


def _planned(page: Page, match: re.Match[str], link: str, *, gerund: bool = False) -> Found:
    """Turn `Led a team` into `Planned how to lead a team`."""
    verb = base_of()[match["verb"]]
    word = "planning" if gerund else "planned"
    if page.folded.text[match.start()].isupper():
        word = word.capitalize()
    adverb = page.folded.text[match.start("adverb") : match.end("adverb")].lower()
    further = _coordinated(page, match.end())
    changes: Changes = () if further is None else ((match.start(), match.end(), f"{word} {link}{adverb}{verb}"), *further)
    return Found("employment.dropped_subject", match.start(), match.end(), verb, changes=changes)


@cache
def _joined_clear() -> re.Pattern[str]:
    lexicon = load_lexicon()
    clear = any_of({v.past for v in lexicon.verbs} - lexicon.ambiguous)
    return re.compile(rf"(?:;|,? and(?: then)?|,? then|,) (?P<adverb>(?:\w+ly )?)(?P<verb>{clear})\b(?= (?:a|an|the|our|my|all|over|more|up|\d|its|their|{COMPANY}))")


def _joined_in_bullet(page: Page) -> Iterator[Found]:
    """Yield the second verb of `Wrote a plan and led a team`, where the first one is honest."""
    bullet, _, _ = _dropped_patterns()
    for match in _joined_clear().finditer(page.lower):
        start, _ = page.sentence_at(match.start())
        prefix = _PREFIX.match(page.lower, start)
        if bullet.match(page.lower, prefix.end() if prefix else start):
            continue
        verb = base_of()[match["verb"]]
        adverb = page.folded.text[match.start("adverb") : match.end("adverb")]
        changes = ((match.start("adverb"), match.end(), f"planned how to {adverb}{verb}"),)
        yield Found("employment.dropped_subject", match.start("adverb"), match.end(), verb, changes=changes)


# --- anywhere ---------------------------------------------------------------------------------------------------


@cache
def _free_patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    lexicon = load_lexicon()
    roles = any_of(lexicon.roles)
    past = any_of({v.past for v in lexicon.verbs} | {v.participle for v in lexicon.verbs})
    strong = r"(?:leading|managing|supervising|overseeing|heading|working|serving|running|delivering|launching|implementing|coordinating)"
    number = r"(?:\d+\+?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|many|several)"
    return (
        ("employment.passive", re.compile(r"\b(?:was|were|been|being|is|are|got|get) (?:\w+ly )?\w+(?:ed|en|ne|un|ld|lt|ut|et|ght|led) (?:[\w'-]+ ){0,6}?by (?:me|us|myself|my \w+|our \w+)\b")),
        ("employment.experience", re.compile(rf"\b(?:{number} (?:or more )?years?'?|decades?|a decade)(?: of)? (?:[\w-]+ ){{0,4}}?(?:experience|expertise)\b")),
        ("employment.gerund", re.compile(rf"\b(?:after|since|while|when|from|having|of|through) (?:been )?{strong} [^.;:]{{0,80}}?(?:{COMPANY}|\b(?:my|our) |, (?:i|we) (?!would|could|might|should))")),
        ("employment.gerund", re.compile(rf"\bhaving (?:\w+ly )?(?:{past}|worked)\b [^.;:]{{0,80}}?(?:{COMPANY}|\b(?:my|our) |, (?:i|we) (?!would|could|might|should))")),
        ("employment.gerund", re.compile(rf"(?:^|[.!?] ){strong} [^.;:]{{0,80}}? {_TAUGHT} (?:me|us)\b")),
        ("employment.gerund", re.compile(rf"\bmy (?:\w+ )?experience (?:of |in |with |as )?(?:{strong}|an? (?:[\w-]+ ){{0,3}}{roles})\b")),
        ("employment.hired", re.compile(rf"{COMPANY}+ (?:has |have |had )?(?:\w+ly )?(?:{_HIRED}|paid|invited|chose|selected|approached|trusted) (?:me|us)\b")),
        ("employment.hired", re.compile(rf"\b(?:employed|hired|recruited|contracted|headhunted) (?:by|at) {COMPANY}+")),
        ("employment.role", re.compile(rf"\bas (?:{COMPANY}+'s (?:[\w-]+ ){{0,3}}?{roles}|an? (?:experienced|seasoned|veteran|practising|practicing|former|senior|long-standing) (?:[\w-]+ ){{0,3}}?{roles})\b")),
    )  # fmt: skip


_NEEDS = {
    "employment.passive": (" by m", " by us", " by our"),
    "employment.experience": ("experience", "expertise"),
    "employment.gerund": (COMPANY, "my ", "our ", " i ", "we ", " me", " us"),
    "employment.hired": (COMPANY,),
    "employment.role": ("as a", f"as {COMPANY}"),
}
"""A quick look: a passage without any of these holds no such claim."""


@cache
def _title_line() -> re.Pattern[str]:
    return re.compile(rf"(?:[\w-]+ ){{0,3}}{any_of(load_lexicon().roles)}(?:,| at| for| -| –| —| \|) {COMPANY}")


def _elsewhere(page: Page) -> Iterator[Found]:
    lower = page.lower
    wanted = {rule for rule, words in _NEEDS.items() if any(word in lower for word in words)}
    for rule, pattern in _free_patterns():
        if rule not in wanted:
            continue
        for match in pattern.finditer(lower):
            if rule == "employment.experience" and not _speaks_of_self(page, match.start()):
                continue
            by_number = rule == "employment.experience"
            yield Found(rule, match.start(), match.end(), presupposes=rule == "employment.gerund", by_number=by_number)
    if page.carrier in {Carrier.BULLET, Carrier.EXPORT}:
        match = _title_line().match(lower)
        if match and page.passage.kind is not PassageKind.CELL:
            yield Found("employment.role", match.start(), match.end())


def _speaks_of_self(page: Page, place: int) -> bool:
    start, end = page.sentence_at(place)
    sentence = page.lower[start:end]
    if re.search(r"\b(?:i|my|me|we|our)\b", sentence):
        return True
    opening = re.match(r"(?:with |over |bringing |offering |more than |nearly )*", sentence)
    return page.carrier is not Carrier.SECTION and place - start <= (opening.end() if opening else 0) + 1
