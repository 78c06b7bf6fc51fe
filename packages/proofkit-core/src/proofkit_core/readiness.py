"""The readiness review: structural signals, each with a value, a threshold, where it was read, and one plain fix.

Signals look at structure and not at keywords, so that stuffing a text with the right words moves none of them.
"""

import re

from proofkit_core.composer.material import Material
from proofkit_core.faithfulness import WordsKept, words_kept
from proofkit_core.packet import (
    EntryType,
    LedgerEntry,
    Origin,
    Readiness,
    Review,
    Section,
    Signal,
    SourceKind,
    WorkSample,
    Writer,
)
from proofkit_core.samples.records import View
from proofkit_core.wording import sentences

_CITATION = re.compile(r"\[(S\d+)\]")
_WORD = re.compile(r"\w+")
_CELL_END = re.compile(r"(?<!\\)\|")
_MARKS = re.compile(r"[*_`>#|\\-]+")
_MIN_SENTENCE_WORDS = 6
_LENGTH_BAND = (250, 1600)
_HARD = frozenset({"points-kept", "disclosure", "supported"})
_MAX_MISSED_NEARLY = 3


def review_readiness(material: Material, sample: WorkSample, ledger: tuple[LedgerEntry, ...]) -> Review:
    """Return the review of a finished work sample.

    Args:
        material: What it was written from.
        sample: The document.
        ledger: Its statements with their sources.
    """
    text = "\n\n".join(section.markdown for section in sample.sections)
    typed = "\n".join([*material.brief.notes, *material.brief.answers.values()])
    kept = words_kept(typed, text)
    signals = (
        _points_kept(kept),
        _decision(sample),
        _tradeoff(material, sample),
        _assumptions(sample),
        _owners(sample),
        _facts_used(text, material),
        _own_share(ledger),
        _supported(ledger),
        _repeats(text),
        _length(text),
        _disclosure(sample),
    )
    missed = [signal for signal in signals if not signal.passed]
    if any(signal.id in _HARD for signal in missed) or len(missed) > _MAX_MISSED_NEARLY:
        label = Readiness.NOT_YET
    else:
        label = Readiness.NEARLY if missed else Readiness.READY
    return Review(
        label=label,
        signals=signals,
        words_kept=kept.kept,
        words_total=kept.total,
        words_missing=kept.missing,
        origin=Origin(writer=Writer.TEMPLATE),
    )


def _signal(signal_id: str, title: str, value: float, threshold: float, evidence: str, fix: str) -> Signal:
    passed = value >= threshold
    return Signal(
        id=signal_id,
        title=title,
        value=round(value, 3),
        threshold=threshold,
        passed=passed,
        evidence=evidence,
        fix="" if passed else fix,
    )


def _sections(sample: WorkSample, *views: View) -> list[Section]:
    return [section for section in sample.sections if section.view in views]


def _points_kept(kept: WordsKept) -> Signal:
    missing = f"missing: {', '.join(kept.missing)}" if kept.missing else "nothing you typed is missing"
    fix = f"Add the point with the words {', '.join(kept.missing[:3])} to the section it belongs to."
    return _signal("points-kept", "Your points are in the sample", kept.recall, 0.8, missing, fix)


def _decision(sample: WorkSample) -> Signal:
    found = _sections(sample, View.RECOMMENDATION)
    lines = [line for section in found for line in sentences(section.markdown)]
    said = [line for line in lines if re.search(r"\b(?:would|recommend|advise|answer)\b", line)]
    conditions = [line for line in lines if re.search(r"\b(?:if|once|provided|unless|until)\b", line, re.IGNORECASE)]
    value = (bool(said) + bool(conditions)) / 2
    evidence = (conditions or said or ["no sentence says what you would do"])[0]
    fix = "Say in the first section what you would do and on what condition."
    return _signal("decision", "A decision with its condition", value, 1.0, evidence, fix)


def _tradeoff(material: Material, sample: WorkSample) -> Signal:
    found = _sections(sample, View.TRADEOFF, View.OPTIONS)
    text = " ".join(section.markdown for section in found)
    options = material.challenge.material.options
    named = [words_kept(option.name, text).recall >= 0.5 for option in options]  # noqa: PLR2004 - half of its words
    criterion = words_kept(material.challenge.material.criterion, text).recall >= 0.5  # noqa: PLR2004
    value = (sum(named) + criterion) / 3
    evidence = f"{sum(named)} of 2 options named, what decides between them {'named' if criterion else 'not named'}"
    fix = "Name both ways, what each costs, and what decides between them."
    return _signal("tradeoff", "A real choice between two ways", value, 0.66, evidence, fix)


def _assumptions(sample: WorkSample) -> Signal:
    found = _sections(sample, View.ASSUMPTIONS)
    items = [line for section in found for line in section.markdown.splitlines() if line.startswith("- ")]
    checked = [line for line in items if "(h)" in line or ":" in line or re.search(r"\d", line)]
    value = len(checked) / len(items) if items else 0.0
    evidence = f"{len(checked)} of {len(items)} assumptions come with a figure or a check"
    fix = "Add to each assumption how you would check it."
    return _signal("assumptions", "Assumptions that can be checked", value, 0.66, evidence, fix)


def _owners(sample: WorkSample) -> Signal:
    rows: list[list[str]] = []
    found = _sections(sample, View.RISKS, View.STEPS)
    if not found:
        return _signal("owners", "Who does what, and when", 1.0, 0.8, "this type of sample has no such table", "")
    for section in found:
        lines = [line for line in section.markdown.splitlines() if line.startswith("|")][2:]
        rows.extend([cell.strip() for cell in _CELL_END.split(line.strip().strip("|"))] for line in lines)
    full = [row for row in rows if all(row[-2:])]
    evidence = f"{len(full)} of {len(rows)} rows name who and when"
    fix = "Give each row a person and a time."
    return _signal("owners", "Who does what, and when", len(full) / max(len(rows), 1), 0.8, evidence, fix)


def _facts_used(text: str, material: Material) -> Signal:
    known = {fact.id for fact in material.challenge.facts}
    used = sorted(set(_CITATION.findall(text)) & known)
    evidence = f"cited: {', '.join(used) or 'none'}"
    fix = "Point to the facts of the exercise that your decision rests on, such as [S1]."
    return _signal("facts-used", "The facts of the exercise are used", len(used), 2, evidence, fix)


def _own_share(ledger: tuple[LedgerEntry, ...]) -> Signal:
    inside = [e for e in ledger if e.type is EntryType.SENTENCE and e.carrier.startswith("work_sample.")]
    words = [len(_WORD.findall(entry.text)) for entry in inside]
    own = [n for n, entry in zip(words, inside, strict=True) if entry.kind is SourceKind.YOURS]
    value = sum(own) / sum(words) if sum(words) else 0.0
    evidence = f"{value:.0%} of the words stand in statements that rest on what you typed"
    fix = "Add notes or answers of your own: too little of this is yours to defend."
    return _signal("own-share", "Enough of it is yours", value, 0.03, evidence, fix)


def _supported(ledger: tuple[LedgerEntry, ...]) -> Signal:
    loose = [entry for entry in ledger if entry.kind is SourceKind.UNSUPPORTED]
    evidence = loose[0].text if loose else f"{len(ledger)} sentences, numbers and skills, each with a source"
    fix = "Take this sentence out or say where it comes from."
    return _signal("supported", "Every statement has a source", 0.0 if loose else 1.0, 1.0, evidence, fix)


def _repeats(text: str) -> Signal:
    lines = [_MARKS.sub("", s).strip().casefold() for s in sentences(text)]
    long = [line for line in lines if len(line.split()) >= _MIN_SENTENCE_WORDS]
    twice = sorted({line for line in long if long.count(line) > 1})
    evidence = twice[0] if twice else "no sentence stands twice"
    return _signal("repeats", "Nothing is said twice", 0.0 if twice else 1.0, 1.0, evidence, "Strike the repetition.")


def _length(text: str) -> Signal:
    count = len(_WORD.findall(text))
    low, high = _LENGTH_BAND
    inside = low <= count <= high
    fix = "Cut what does not bear on the decision." if count > high else "Say more about why, and about the risks."
    return _signal("length", "A length people read", 1.0 if inside else 0.0, 1.0, f"{count} words", fix)


def _disclosure(sample: WorkSample) -> Signal:
    there = "fictional" in sample.disclosure and "Simulated" in sample.disclosure
    fix = "Put the disclosure back under the title."
    return _signal("disclosure", "It says that it is simulated", 1.0 if there else 0.0, 1.0, sample.disclosure, fix)
