"""Plants one defect into a known-good answer. The rest of the answer stays as it was, to the letter."""

import re
from collections.abc import Callable
from random import Random

from proofkit_core.faithfulness import read_anchors, words_kept
from proofkit_core.wording import sentences
from proofkit_eval.ladder.answers import KnownGood, written
from proofkit_eval.ladder.defect import Defect
from proofkit_eval.ladder.plants import Claim, filled, load_plants

__all__ = ["plant"]

_BLOCK = re.compile(r"^(?:\||[-*•] |\d+[.)] )")
Texts = tuple[str, ...]


def plant(answer: KnownGood, defect: Defect, draw: Random) -> str | None:
    """Return the completion with a defect in it; None where this kind of text cannot have it.

    Args:
        answer: A known-good answer.
        defect: What to plant.
        draw: Chooses among the wordings.
    """
    planter = _PLANTERS.get(defect)
    if planter:
        texts = planter(answer, draw)
        return None if texts is None else written(answer.prompt.task, texts)
    plants, whole = load_plants(), written(answer.prompt.task, answer.texts)
    if defect is Defect.EMPTY:
        return ""
    if defect is Defect.REFUSAL:
        return draw.choice(plants.refusals)
    return f"{draw.choice(plants.leaked_channel.before)}{whole}"


def _stuffed(answer: KnownGood, draw: Random) -> Texts:
    """Return all the right words: the person's, the exercise's, and those that naive gates look for."""
    prompt = answer.prompt
    own = [anchor.typed for said in prompt.must_keep for anchor in read_anchors(said)]
    told = [anchor.typed for fact in prompt.facts for anchor in read_anchors(fact.text)]
    cited = [f"[{fact.id}]" for fact in prompt.facts]
    words = [*own, *draw.sample(told, min(len(told), 20)), *cited, *prompt.brief.skills, *load_plants().keywords]
    draw.shuffle(words)
    if prompt.task == "resume_bullets":
        half = len(words) // 2
        return tuple(f"Simulated project: {_fitting(part, 180)}" for part in (words[:half], words[half:]))
    if answer.is_paired:
        third = len(words) // 3
        parts = (words[:third], words[third : 2 * third], words[2 * third :])
        return tuple(text for part in parts for text in ("Keywords?", _fitting(part, 110)))
    return (f"{prompt.company}, {', '.join(words)}.",)


def _fitting(words: list[str], most: int) -> str:
    return f"{', '.join(words)[: most - 1].rpartition(',')[0]}."


def _ignoring(answer: KnownGood, draw: Random) -> Texts:
    ignoring, prompt = load_plants().ignoring, answer.prompt
    if prompt.task == "resume_bullets":
        return tuple(filled(line, prompt, draw) for line in ignoring.bullet)
    if answer.is_paired:
        return tuple(filled(line, prompt, draw) for line in ignoring.talking_point)
    return (filled(draw.choice(ignoring.post if prompt.carrier == "post" else ignoring.section), prompt, draw),)


def _dropped(answer: KnownGood, draw: Random) -> Texts | None:
    """Return the answer without every piece that holds one of the person's points."""
    for said in draw.sample(answer.prompt.must_keep, len(answer.prompt.must_keep)):
        texts = _without(answer, said)
        if texts and words_kept(said, "\n".join(texts)).missing:
            return texts
    return None


def _without(answer: KnownGood, said: str) -> Texts:
    if answer.is_paired:
        pairs = zip(answer.texts[::2], answer.texts[1::2], strict=True)
        return tuple(text for pair in pairs if not _tells("\n".join(pair), said) for text in pair)
    only, *others = answer.texts
    if others:
        return tuple(text for text in answer.texts if not _tells(text, said))
    left = "\n".join(_line_without(line, said) for line in only.split("\n"))
    return (re.sub(r"\n{3,}", "\n\n", left).strip(),) if left.strip() else ()


def _line_without(line: str, said: str) -> str:
    if _BLOCK.match(line):
        return "" if _tells(line, said) else line
    return " ".join(each for each in sentences(line) if not _tells(each, said))


def _tells(text: str, said: str) -> bool:
    """Say whether a piece holds more of a point than one word that may be there by chance."""
    kept = words_kept(said, text)
    return kept.kept > 1 or kept.kept == kept.total > 0


def _claimed(claim: Callable[[], Claim]) -> Callable[[KnownGood, Random], Texts]:
    def planted(answer: KnownGood, draw: Random) -> Texts:
        forms, prompt, texts = claim(), answer.prompt, answer.texts
        if prompt.task == "resume_bullets":
            clause = filled(draw.choice(forms.clauses), prompt, draw)
            return (*texts[:-1], f"{texts[-1].rstrip('.')}, {clause}.")
        if answer.is_paired:
            return (*texts, forms.question, filled(draw.choice(forms.answers), prompt, draw))
        return (_with_sentence(texts[0], filled(draw.choice(forms.sentences), prompt, draw)),)

    return planted


def _with_sentence(text: str, sentence: str) -> str:
    """Put a sentence behind the first paragraph, or below a list or table."""
    first, gap, rest = text.partition("\n\n")
    if _BLOCK.match(first.splitlines()[-1]):
        return f"{text}\n\n{sentence}"
    return f"{first} {sentence}{gap}{rest}"


def _undisclosed(answer: KnownGood, _draw: Random) -> Texts | None:
    if not answer.undisclosed:
        return None
    texts = list(answer.texts)
    for edit in answer.undisclosed:
        texts = [text.replace(edit.old, edit.new) for text in texts]
    return tuple(text.strip() for text in texts)


def _graded(answer: KnownGood, draw: Random) -> Texts:
    note, texts = draw.choice(load_plants().injected_grade.after), answer.texts
    if len(texts) == 1:
        return (f"{texts[0]}\n\n{note}",)
    return (*texts[:-1], f"{texts[-1]} {note}")


_PLANTERS: dict[Defect, Callable[[KnownGood, Random], Texts | None]] = {
    Defect.KEYWORD_STUFFED: _stuffed,
    Defect.IGNORES_USER: _ignoring,
    Defect.DROPPED_ANCHOR: _dropped,
    Defect.UNLABELLED_METRIC: _claimed(lambda: load_plants().unlabelled_metric),
    Defect.INVENTED_JOB: _claimed(lambda: load_plants().invented_job),
    Defect.INVENTED_CLIENT: _claimed(lambda: load_plants().invented_client),
    Defect.MISSING_DISCLOSURE: _undisclosed,
    Defect.INJECTED_GRADE: _graded,
}
