"""Checks one answer of a model by fixed rules."""

import json
import re
from collections.abc import Iterator
from typing import NamedTuple, cast

from proofkit_core.drafting.checks import check_script
from proofkit_core.faithfulness import words_kept
from proofkit_core.integrity import Action, Carrier, Outcome, review_text
from proofkit_prompts import Contract, OutputParseError
from proofkit_train.artifact.llama import Completed
from proofkit_train.artifact.probes import Probe

__all__ = ["CHECKS", "Judged", "judge"]

CHECKS = ("ended", "form", "integrity", "disclosure", "channel", "script")
"""What is judged of each answer by itself, in the order of the report."""

_CHANNEL = re.compile(
    r"<[|\uff5c][^\n>]*>|</?think>|assistantfinal|\A\W*(?:analysis|commentary|final|assistant)\b(?=\s*[:\n]|\s*\Z)"
    r"|^(?:analysis|commentary|final|assistant)\s*:?\s*$",
    re.MULTILINE,
)
"""Chat tokens as text, and names of channels where a channel would stand; in a sentence they are words."""
_REAL_LIFE = frozenset({Action.REWRITE_EMPLOYMENT, Action.REWRITE_CLIENT, Action.FLAG})
"""What a model must not say at all; a figure without its label the rules put right, as in the app."""
_UNREAD = "label"
"""Key whose value is one of fixed words, not text of the model's own."""


class Judged(NamedTuple):
    """What the checks said about one answer."""

    failed: dict[str, str]
    """By check: what was wrong."""
    passed: tuple[str, ...]
    """Checks that apply and found nothing."""
    anchors: int
    missing: tuple[str, ...]
    """Anchors that the answer lost."""


def judge(probe: Probe, answer: Completed, contract: Contract) -> Judged:
    """Check one answer.

    Args:
        probe: The question.
        answer: The model's answer.
        contract: The contract that rendered the question.
    """
    failed: dict[str, str] = {}
    if not answer.ended:
        failed["ended"] = f"no end after {answer.tokens} tokens"
    if found := _CHANNEL.search(answer.text):
        failed["channel"] = f"{found.group().strip()!r}"
    if strange := check_script(answer.text, probe.typed):
        failed["script"] = strange.detail
    try:
        value = contract.parse(probe.task, answer.text)
    except OutputParseError as error:
        failed["form"] = str(error)
        texts = [answer.text]
    else:
        texts = list(_texts(value))
    failed |= _unsupported(probe, texts)
    kept = words_kept("\n".join(probe.keep), "\n".join(texts))
    applying = [check for check in CHECKS if check != "disclosure" or _travels(probe)]
    passed = tuple(check for check in applying if check not in failed)
    return Judged(failed, passed, kept.total, kept.missing)


def _unsupported(probe: Probe, texts: list[str]) -> dict[str, str]:
    facts = probe.ledger()
    found: dict[str, str] = {}
    for text in texts:
        verdict = review_text(text, facts=facts, carrier=probe.carrier)
        for finding in verdict.findings:
            told = f"{finding.rule}: {finding.quote!r}"
            if finding.rule.startswith("disclosure."):
                if _travels(probe):
                    found.setdefault("disclosure", told)
            elif finding.action in _REAL_LIFE or verdict.outcome is Outcome.BLOCKED:
                found.setdefault("integrity", told)
    return found


def _travels(probe: Probe) -> bool:
    return probe.carrier in {Carrier.POST, Carrier.BULLET}


def _texts(value: object) -> Iterator[str]:
    """Yield the texts of a parsed completion."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in cast("dict[str, object]", value).items():
            if key != _UNREAD:
                yield from _texts(inner)
    elif isinstance(value, list):
        for inner in cast("list[object]", value):
            yield from _texts(inner)
    else:
        yield json.dumps(value)
