"""Turns what is asked into rows: each target passes the gate, or is refused with its reason."""

import json
import re
from collections.abc import Container, Iterator
from functools import lru_cache

from proofkit_core.faithfulness import words_kept
from proofkit_prompts import Contract, OutputParseError
from proofkit_train.data.asking import Ask, Target, Workbench
from proofkit_train.data.distinct import REASON, Written, as_in
from proofkit_train.data.gate import CountTokens, Gate, Tried
from proofkit_train.data.row import Rejected, Row, make_row
from proofkit_train.data.world import World

Piece = Row | Rejected


def make_pieces(
    world: World,
    contract: Contract,
    count_tokens: CountTokens | None = None,
    *,
    tasks: Container[str] | None = None,
    written: Written | None = None,
) -> Iterator[Piece]:
    """Yield a row, or why there is none, for everything that is asked in a world.

    Args:
        world: A variation of a case.
        contract: The contract that renders the prompts.
        count_tokens: Counts the tokens of a text; without it nothing is said about their number.
        tasks: The tasks whose rows are wanted; all of them where there are none.
        written: Rows of the same case; what says the same is not tried, and each new row is added.
    """
    gate = Gate(world, contract, count_tokens)
    for ask in Workbench(world).asks():
        if tasks is None or ask.task in tasks:
            piece = _piece(world, contract, gate, ask, written)
            if written is not None and isinstance(piece, Row):
                written.add(piece)
            yield piece


def _piece(world: World, contract: Contract, gate: Gate, ask: Ask, written: Written | None) -> Piece:
    try:
        target = _written(contract, ask.task, ask.target)
    except OutputParseError as error:
        return _rejected(world, ask, "bad_format", str(error), json.dumps(ask.target, ensure_ascii=False))
    same = written.row_of(target) if written else ""
    if same:
        return _rejected(world, ask, REASON, as_in(same), target)
    tried = gate.try_target(ask, target, lambda draft: _written(contract, ask.task, ask.used(draft)))
    if tried.reason:
        return _rejected(world, ask, tried.reason, tried.detail, target)
    return _row(world, contract, ask, target, tried)


def _row(world: World, contract: Contract, ask: Ask, target: str, tried: Tried) -> Piece:
    unsaid = _unsaid(world, tried.prompt.user, target)
    if unsaid:
        return _rejected(world, ask, "unsaid", f"nobody said {unsaid!r} in this prompt", target)
    anchors = _anchors(world, tried.prompt.user, target)
    if ask.anchored and not anchors and world.notes:
        detail = "no rare word of the person stands in it; use a {key} of [vary] or {own}"
        return _rejected(world, ask, "anchors", detail, target)
    return make_row(
        tried.prompt,
        target,
        case=world.case.id,
        role=world.case.role,
        variation=world.variation.number,
        name=ask.name,
        must_keep=ask.must_keep,
        anchors=anchors,
        contract=contract,
    )


def _written(contract: Contract, task: str, target: Target) -> str:
    return target if isinstance(target, str) else contract.serialize(task, target)


def _anchors(world: World, asked: str, target: str) -> tuple[str, ...]:
    """Return the rare words of the person that stand in the prompt and in the target."""
    rare = [world.words[key] for key in world.case.vary] + [world.words["own"]]
    return tuple(word for word in rare if word in target and _is_said(word, asked))


def _unsaid(world: World, asked: str, target: str) -> str:
    """Return a swapped word that stands in the target although the prompt does not hold it; empty if there is none."""
    for key in (*world.case.vary, "own"):
        word = world.words[key]
        if len(word) > 1 and _stands_in(word, target) and not _is_said(word, asked):
            return word
    return ""


def _is_said(word: str, asked: str) -> bool:
    # Most words stand in the prompt as they are; only for the others is all of it read.
    return _as_it_is(word).search(asked) is not None or not words_kept(word, asked).missing


def _stands_in(word: str, text: str) -> bool:
    return _in_any_case(word).search(text) is not None


@lru_cache(maxsize=256)
def _as_it_is(word: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-]){re.escape(word)}(?![\w-])")


@lru_cache(maxsize=256)
def _in_any_case(word: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(word)}(?!\w)", re.IGNORECASE)


def _rejected(world: World, ask: Ask, reason: str, detail: str, target: str) -> Rejected:
    number = world.variation.number
    return Rejected(
        id=f"{world.case.id}/{number}/{ask.task}/{ask.name}",
        task=ask.task,
        source="grown" if number else "hand",
        reason=reason,
        detail=detail,
        target=target,
    )
