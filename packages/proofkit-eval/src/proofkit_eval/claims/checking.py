"""Works each marked sentence out again and says which are not supported."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal, Protocol

from pydantic import BaseModel

from proofkit_core.errors import InputError
from proofkit_eval.claims.marks import Kind, Mark, read_mark
from proofkit_eval.claims.sentences import Sentence, read_sentences
from proofkit_eval.claims.words import DENIED, kinds_of
from proofkit_eval.statistics.records import Comparison, Interval

__all__ = ["USUAL", "CheckedClaim", "ClaimReport", "Evidence", "check_claims", "claims_markdown"]

USUAL = "log"
"""Name of the evidence that a mark without `from` means."""
Verdict = Literal["supported", "unsupported", "unreadable", "quoted"]


class Evidence(Protocol):
    """What claims are held against; everything is worked out again from the answers."""

    def comparison(self, measure: str, a: str, b: str, *, margin: float | None = None) -> Comparison:
        """Compare two models by one measure, among all comparisons of that measure.

        Raises:
            InputError: There is no such measure or model.
        """
        ...

    def mean(self, measure: str, model: str) -> float | None:
        """Return one model's mean; None where nothing was measured.

        Raises:
            InputError: There is no such measure or model.
        """
        ...


class CheckedClaim(BaseModel, frozen=True, strict=True, extra="forbid"):
    """One mark, or one sentence that needs one."""

    path: str
    line: int
    sentence: str
    mark: str
    verdict: Verdict
    why: str


class ClaimReport(BaseModel, frozen=True, strict=True, extra="forbid"):
    """What came of the claims of some files."""

    checked: tuple[CheckedClaim, ...]
    unmarked: tuple[CheckedClaim, ...]
    """Sentences that compare and have no mark; somebody has to look at them."""

    @property
    def failed(self) -> tuple[CheckedClaim, ...]:
        """Those that must not stand as they are."""
        return tuple(each for each in self.checked if each.verdict in {"unsupported", "unreadable"})

    @property
    def ok(self) -> bool:
        """Whether each marked sentence is supported. Sentences without a mark are listed and fail nothing."""
        return not self.failed


def check_claims(paths: Sequence[Path], evidence: Mapping[str, Evidence]) -> ClaimReport:
    """Check the marked sentences of Markdown files.

    Args:
        paths: Files, or folders of which every `.md` file below is read.
        evidence: By the name that marks know it by; `log` is the usual one.

    Raises:
        InputError: A file cannot be read, or a path leads nowhere.
    """
    checked: list[CheckedClaim] = []
    unmarked: list[CheckedClaim] = []
    for path in _files(paths):
        for sentence in read_sentences(_text(path)):
            if sentence.marks:
                checked += _checked(str(path), sentence, evidence)
            else:
                said = ", ".join(sentence.words)
                unmarked.append(_claim(str(path), sentence, "", "unreadable", f"says {said!r} and has no mark"))
    return ClaimReport(checked=tuple(checked), unmarked=tuple(unmarked))


def _files(paths: Sequence[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(path.rglob("*.md"))
        elif path.is_file():
            yield path
        else:
            raise InputError(f"there is no file or folder {str(path)!r}; name Markdown files, or folders of them")


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{str(path)!r} cannot be read as UTF-8 text: {error}") from error


def _checked(path: str, sentence: Sentence, evidence: Mapping[str, Evidence]) -> Iterator[CheckedClaim]:
    kinds: list[str] = []
    for text in sentence.marks:
        verdict: Verdict
        try:
            mark = read_mark(text)
            verdict, why = _held(mark, evidence)
            kinds.append(mark.kind)
        except InputError as error:
            verdict, why = "unreadable", str(error)
        yield _claim(path, sentence, text, verdict, why)
    denied = DENIED.search(sentence.text) is not None
    loose = kinds_of(sentence.words, tuple(kinds), denied=denied)
    if loose and len(kinds) == len(sentence.marks):
        why = f"the sentence says {', '.join(map(repr, loose))}, and none of its marks is about that"
        yield _claim(path, sentence, "; ".join(sentence.marks), "unsupported", why)


def _claim(path: str, sentence: Sentence, mark: str, verdict: Verdict, why: str) -> CheckedClaim:
    return CheckedClaim(path=path, line=sentence.line, sentence=sentence.text, mark=mark, verdict=verdict, why=why)


def _held(mark: Mark, evidence: Mapping[str, Evidence]) -> tuple[Verdict, str]:
    if mark.kind is Kind.QUOTED:
        return "quoted", "somebody else's words"
    if mark.kind is Kind.NONE:
        return "quoted", "compares no models"
    name = mark.source or USUAL
    if name not in evidence:
        raise InputError(f"there is no evidence {name!r}; there is: {', '.join(sorted(evidence)) or 'none'}")
    if mark.kind is Kind.VALUE:
        return _value(mark, evidence[name])
    a, b = mark.models
    margin = mark.value if mark.kind is Kind.TIES else None
    comparison = evidence[name].comparison(mark.measure, a, b, margin=margin)
    held = _compared(mark, comparison)
    if held and mark.kind is Kind.FASTER and mark.number:
        return _factor(mark, evidence[name])
    return ("supported" if held else "unsupported"), _told(mark, comparison)


def _compared(mark: Mark, found: Comparison) -> bool:
    tied = found.equivalence is not None and found.equivalence.equivalent
    match mark.kind:
        case Kind.ABOVE | Kind.BELOW:
            return found.separated == mark.kind
        case Kind.FASTER:
            return found.separated == "below"
        case Kind.TIES:
            return tied
        case _:
            return found.separated is None


def _told(mark: Mark, found: Comparison) -> str:
    """Return the figures in one line."""
    if found.fixed.mean is None:
        return found.fixed.note
    parts = [f"{found.a} less {found.b} on {mark.measure}: {found.fixed.mean:+.3g}"]
    tie = found.equivalence if mark.kind is Kind.TIES else None
    shown: Interval | None = tie.interval if tie else found.headline
    parts.append(f"{shown.level:.0%} from {shown.low:+.3g} to {shown.high:+.3g}" if shown else found.fixed.note)
    if tie is not None:
        parts.append(f"margin {tie.margin:g}, p {tie.p:.2g}")
    elif found.p_holm is not None:
        parts.append(f"p {found.p_holm:.2g} after Holm")
    parts.append(f"n {found.fixed.n}, {'planned' if found.planned else 'not planned'}")
    if found.fixed.missing:
        parts.append(f"{found.fixed.missing} without a score")
    return ", ".join(parts)


def _value(mark: Mark, evidence: Evidence) -> tuple[Verdict, str]:
    found = evidence.mean(mark.measure, mark.models[0])
    if found is None:
        return "unsupported", f"{mark.models[0]} has no score on {mark.measure}"
    why = f"{mark.models[0]} on {mark.measure} is {found:.{mark.places + 2}f}"
    half = 0.5 * 10.0**-mark.places
    return ("supported" if abs(found - mark.value) <= half * (1 + 1e-9) else "unsupported"), why


def _factor(mark: Mark, evidence: Evidence) -> tuple[Verdict, str]:
    quick, slow = (evidence.mean(mark.measure, model) for model in mark.models)
    if not quick or slow is None:
        return "unsupported", f"{mark.models[0]} took no time that could be measured"
    why = f"{mark.models[1]} takes {slow / quick:.3g} times as long as {mark.models[0]}"
    return ("supported" if slow / quick >= mark.value else "unsupported"), why


def claims_markdown(report: ClaimReport) -> str:
    """Write a report as text: what fails first, then what nobody marked, then what holds."""
    groups = (
        ("Not supported", report.failed),
        ("Without a mark", report.unmarked),
        ("Supported", tuple(each for each in report.checked if each.verdict == "supported")),
        ("Not claimed here", tuple(each for each in report.checked if each.verdict == "quoted")),
    )
    lines: list[str] = []
    for title, claims in groups:
        if claims:
            lines += [f"## {title} ({len(claims)})", ""]
            for each in claims:
                lines += [f"- {each.path}:{each.line}: {each.sentence}", f"    - {each.why}"]
                lines += [f"    - claim: {each.mark}"] if each.mark else []
            lines.append("")
    return "\n".join(lines) if lines else "No sentence compares models.\n"
