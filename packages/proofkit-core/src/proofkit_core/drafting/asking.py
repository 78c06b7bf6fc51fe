"""Asks for one piece of text: fields in, a checked draft or a fall back with its reason out."""

from collections.abc import Callable
from typing import Any

from proofkit_core.drafting import checks
from proofkit_core.drafting.chain import draft
from proofkit_core.drafting.desk import TEMPLATE, Desk, Draft, StandIn
from proofkit_core.drafting.fields import Fields
from proofkit_core.drafting.reading import Begin, Check, Reading
from proofkit_core.integrity import Carrier


def draft_text(
    desk: Desk,
    task: str,
    fields: Fields,
    *,
    carrier: Carrier,
    extra: tuple[Check, ...] = (),
    begin: Begin | None = None,
    behind: StandIn = TEMPLATE,
) -> Draft:
    """Ask for one Markdown task and check the answer.

    Args:
        desk: What the packet's calls share.
        task: Task of the contract.
        fields: The prompt's fields.
        carrier: What kind of text it is, for the integrity rules.
        extra: Further checks on the text.
        begin: How to begin after a draft that dropped points; without it the model begins as it likes.
        behind: What is used where no draft may be.

    Returns:
        The edited text, or None with the reason in the origin.

    Raises:
        GenerationCancelledError: The person stopped the run.
    """
    chain = (checks.check_length, *_common(desk), *extra)
    return draft(desk, task, fields, Reading(carrier, _alone, _only, chain, begin), behind=behind)


def _alone(value: object) -> list[str]:
    return [str(value)]


def _only(texts: list[str]) -> str:
    return texts[0]


def draft_json(  # noqa: PLR0913 - each piece has its own shape, and all are named by the caller
    desk: Desk,
    task: str,
    fields: Fields,
    *,
    carrier: Carrier,
    texts_of: Callable[[dict[str, Any]], list[str]],
    rebuild: Callable[[list[str]], Any],
    extra: tuple[Check, ...] = (),
    sentences: bool = True,
) -> Draft:
    """Ask for one JSON task and check every text in it.

    Args:
        desk: What the packet's calls share.
        task: Task of the contract.
        fields: The prompt's fields.
        carrier: What kind of text it holds, for the integrity rules.
        texts_of: Takes the texts out of the parsed object.
        rebuild: Makes the result from the texts after the integrity rules edited them.
        extra: Further checks on all texts together.
        sentences: Whether the texts are sentences; remarks may be phrases without a full stop.

    Returns:
        What `rebuild` returns, or None with the reason in the origin.

    Raises:
        GenerationCancelledError: The person stopped the run.
    """
    chain = (*_common(desk, whole=checks.check_whole if sentences else checks.check_brackets), *extra)
    return draft(desk, task, fields, Reading(carrier, texts_of, rebuild, chain))


def _common(desk: Desk, whole: Check = checks.check_whole) -> tuple[Check, ...]:
    return (lambda text: checks.check_script(text, desk.typed), whole, checks.check_repetition)
