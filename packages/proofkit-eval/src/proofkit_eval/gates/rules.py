"""The house rules that are no integrity rules: each returns what is wrong, an empty text, or None where not asked.

They look at structure and at what the exercise itself offers, never at keywords alone.
"""

import re
from collections.abc import Callable, Sequence

from proofkit_core.drafting import checks
from proofkit_core.drafting.citations import check_cited
from proofkit_core.drafting.invented import check_cited_numbers, check_not_real, check_years
from proofkit_core.faithfulness import words_kept
from proofkit_core.packet import Fallback
from proofkit_core.samples.records import View
from proofkit_eval.gates.facts import figures_of_exercise, sources_of
from proofkit_eval.gates.reading import Answer, view_of
from proofkit_eval.records import Prompt
from proofkit_prompts import Contract, OutputKind

__all__ = ["MOST_WORDS", "assumptions", "fictional_context", "form", "heading", "length", "tradeoff"]

MOST_WORDS = 120
"""What the prompts of Markdown tasks ask for."""
_HEADING = re.compile(r"\A\s*(?:#{1,6} |\*\*[^*\n]+\*\*\s*\n)")
_CHOSEN = re.compile(
    r"\b(?:would|recommend|advise|choose|prefer|propose|proposal|suggest|go (?:by|with|for|ahead))\b", re.IGNORECASE
)
_CONDITION = re.compile(r"\b(?:if|once|provided|unless|until|as long as|on condition)\b", re.IGNORECASE)
_DECIDES = re.compile(
    r"\b(?:turns? on|decid\w+|depends? on|hinges? on|differs?|tips? the|what matters|comes down to)\b", re.IGNORECASE
)
_CONTRAST = re.compile(
    r"\b(?:both ways|either|instead|rather than|the other|all the same|whereas|while|but|yet|against)\b", re.IGNORECASE
)
_COST = re.compile(
    r"\b(?:but|yet|costs?|price|though|although|whereas|loses?|gives? up|slower|risks?|unfair|late[rn]?)\b",
    re.IGNORECASE,
)
_BREAK = re.compile(r"\n\s*(?=[-*•]|\d+[.)]|\||\n)|\n")
_CHECKED = re.compile(
    r"\(h\)|[:\d]|\b(?:check|ask|count|test|try|look|read|watch|measure|time|ring|call|compare|confirm|find out)\w*\b",
    re.IGNORECASE,
)
_HALF = 0.5
_THIRD = 1 / 3
_SENTENCE_TASKS = frozenset({"resume_bullets", "talking_points", "scenario"})
Said = str | None


def form(prompt: Prompt, answer: Answer, contract: Contract) -> Said:
    """Look at the form: parsed, whole, in the person's script, not going round in circles."""
    if answer.problem:
        return answer.problem
    is_prose = contract.spec(prompt.task).output is OutputKind.MARKDOWN or prompt.task in _SENTENCE_TASKS
    chain: list[Callable[[str], Fallback | None]] = [
        checks.check_whole if is_prose else checks.check_brackets,
        checks.check_repetition,
        lambda text: checks.check_script(text, f"{prompt.typed}\n{prompt.company}"),
    ]
    if prompt.task == "resume_bullets":
        chain.append(checks.check_bullets)
    if prompt.task == "talking_points":
        chain += [checks.check_questions, _not_real]
    return _first(chain, answer.whole)


def _not_real(text: str) -> Fallback | None:
    return check_not_real(text.splitlines())


def heading(prompt: Prompt, text: str, contract: Contract) -> Said:
    """Look for a heading: the program sets its own, so the tasks ask for none."""
    if contract.spec(prompt.task).output is not OutputKind.MARKDOWN:
        return None
    first = text.strip().partition("\n")[0].strip(" #*:").casefold()
    titles = {str(prompt.fields.get(key, "")).casefold() for key in ("section", "work_sample")} - {""}
    return "it begins with a heading" if _HEADING.match(text) or first in titles else ""


def fictional_context(prompt: Prompt, answer: Answer, *, swap: bool = False) -> Said:
    """Look whether it is set in this exercise, and cites the facts for what they say."""
    if not prompt.facts:
        return None
    scenario = "\n".join([prompt.company, *(fact.text for fact in prompt.facts), *_of_exercise(prompt)])
    sources = f"{sources_of(prompt, swap=swap)}\n{figures_of_exercise(prompt)}"
    typed = prompt.swap.typed if swap and prompt.swap else prompt.typed
    chain: list[Callable[[str], Fallback | None]] = [
        lambda text: checks.check_topic(text, scenario),
        lambda text: check_cited(text, prompt.facts),
        lambda text: check_cited_numbers(text, sources),
        lambda text: check_years(text, typed, sources),
    ]
    return _first(chain, answer.whole)


def _of_exercise(prompt: Prompt) -> list[str]:
    """Return what the exercise says; a review's draft counts, for the review may speak of nothing else."""
    keys = ("setting", "decision", *(("draft",) if prompt.carrier == "review" else ()))
    return [str(prompt.fields.get(key, "")) for key in keys]


def assumptions(prompt: Prompt, answer: Answer, unlabelled: Sequence[str]) -> Said:
    """Look whether every assumed figure is marked, and whether assumptions that were asked for can be checked."""
    if unlabelled:
        return f"a figure without its label: {unlabelled[0]!r}"
    if view_of(prompt) is not View.ASSUMPTIONS:
        return "" if prompt.facts else None
    pieces = [piece for piece in _BREAK.split(answer.whole) if piece.strip()]
    checked = [piece for piece in pieces if _CHECKED.search(piece)]
    if pieces and len(checked) >= _HALF * len(pieces):
        return ""
    return f"{len(checked)} of {len(pieces)} assumptions come with a figure or a check"


def tradeoff(prompt: Prompt, answer: Answer) -> Said:
    """Look for a real choice: two ways, what they cost and what decides; or one course and what it rests on."""
    view = view_of(prompt)
    if prompt.task == "revise_section" or view not in {View.RECOMMENDATION, View.TRADEOFF, View.OPTIONS}:
        return None
    text, material = answer.whole, [str(line) for line in prompt.fields.get("material", ())]
    if view is View.RECOMMENDATION:
        if not (_CHOSEN.search(text) or any(_is_in(line, text) for line in material[:1])):
            return "it names no course"
        rests = _CONDITION.search(text) or any(_is_in(line, text) for line in material[1:])
        return "" if rests else "the course rests on nothing: no reason, no condition"
    if not (_CONTRAST.search(text) or all(_is_in(line.partition(": ")[0], text) for line in material[:2])):
        return "it does not set two ways against each other"
    if not _COST.search(text):
        return "neither way costs anything"
    return "" if _DECIDES.search(text) or _CHOSEN.search(text) else "nothing says what decides between the two"


def _is_in(line: str, text: str) -> bool:
    kept = words_kept(line, text)
    return bool(kept.total) and kept.recall >= _THIRD


def length(prompt: Prompt, answer: Answer, contract: Contract) -> Said:
    """Count the words: enough to say something, and no more than were asked for."""
    if contract.spec(prompt.task).output is not OutputKind.MARKDOWN:
        return None
    short = checks.check_length(answer.whole)
    if short:
        return short.detail
    count = sum(any(map(str.isalnum, word)) for word in answer.whole.split())
    return "" if count <= MOST_WORDS else f"{count} words, at most {MOST_WORDS} were asked for"


def _first(chain: Sequence[Callable[[str], Fallback | None]], text: str) -> str:
    found = next((problem for check in chain if (problem := check(text))), None)
    return f"{found.message} ({found.detail})" if found else ""
