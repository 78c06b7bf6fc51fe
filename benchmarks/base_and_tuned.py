"""Compares the bare model with the tuned one on held-out prompts, through the app's own checks and decoding.

    uv run --group dev python benchmarks/base_and_tuned.py [--adapter FILE] [--prompts N] [--json FILE]

Prompts: originals and grown rows of the roles that training never met (`test`), and of new people of roles that it
knows (`test_people`). Every piece goes the app's whole way: render, decode, parse, check, edit, trace; a piece whose
draft the app would not use is asked for again, and falls back to the composer when that fails too. The table says which
rows are about first drafts and which about the last ones.
"""

import argparse
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from listening import Call, Listener

from proofkit_core.drafting.checks import check_script
from proofkit_core.drafting.desk import DECODING, RETRIES, typed_text
from proofkit_core.faithfulness import words_kept
from proofkit_core.generation import (
    CancelSignal,
    Candidate,
    Completion,
    Decoding,
    FinishReason,
    GenerationRequest,
    ModelIdentity,
)
from proofkit_core.packet import FallbackReason, Origin
from proofkit_core.seeds import stream
from proofkit_prompts import OutputParseError, load_contract
from proofkit_serve import LlamaCppBackend, open_llama_cpp
from proofkit_train.data.asking import Ask, Workbench
from proofkit_train.data.audit import CHANNEL
from proofkit_train.data.gate import Gate
from proofkit_train.data.reading import load_cases
from proofkit_train.data.split import TEST, TEST_PEOPLE, held_out, split_of
from proofkit_train.data.variation import Variation
from proofkit_train.data.world import World, open_world

SEED = 0
SWAPS = 24
CONTRACT = load_contract()


@dataclass
class Score:
    """What one model's answers came to."""

    prompts: int = 0
    ended: int = 0
    parsed: int = 0
    clean: int = 0
    """Answers with no channel name, no special token and no foreign alphabet."""
    honest: int = 0
    """Answers that the integrity rules neither block nor find unsupported."""
    unedited: int = 0
    used: int = 0
    """By the first try."""
    used_at_last: int = 0
    """By one of the tries that the app makes."""
    recalls: list[float] = field(default_factory=list[float])
    whole_recalls: int = 0
    recalls_of_used: list[float] = field(default_factory=list[float])
    """In the drafts that the app uses, whichever try they are of."""
    anchored: list[bool] = field(default_factory=list[bool])
    tokens: int = 0
    seconds: float = 0.0
    reasons: Counter[str] = field(default_factory=Counter[str])
    by_task: dict[str, list[bool]] = field(default_factory=lambda: defaultdict(list))
    by_task_at_last: dict[str, list[bool]] = field(default_factory=lambda: defaultdict(list))
    swaps: list[bool] = field(default_factory=list[bool])
    rows: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])


def held_out_asks(count: int) -> Iterator[tuple[World, Ask]]:
    """Yield what is asked, by chance and evenly over the held-out cases."""
    asks = [
        (world, ask)
        for case in load_cases()
        if split_of(case, held_out()) in {TEST, TEST_PEOPLE}
        for number in range(3)
        for world in [open_world(case, Variation(case.id, number, SEED))]
        for ask in Workbench(world).asks()
    ]
    stream("held-out", SEED).shuffle(asks)
    yield from asks[:count]


class Replayed:
    """Gives one answer again, to be judged by itself."""

    def __init__(self, completion: Completion) -> None:
        """Take the answer."""
        self._completion = completion

    @property
    def identity(self) -> ModelIdentity:
        """Return who gave it."""
        return self._completion.model

    def generate(
        self,
        request: GenerationRequest,
        *,
        cancel: CancelSignal | None = None,
        on_text: Callable[[str], None] | None = None,
        on_place: Callable[[int], None] | None = None,
    ) -> Completion:
        """Return the answer."""
        del request, cancel, on_text, on_place
        return self._completion


def ask_all(backend: LlamaCppBackend, asks: Sequence[tuple[World, Ask]], score: Score, decoding: Decoding) -> None:
    """Ask for everything as the app does, and judge the first draft and the last."""
    for number, (world, ask) in enumerate(asks, 1):
        heard = Listener(backend)
        desk = replace(Gate(world, CONTRACT).desk(ask, heard), decoding=decoding, retries=RETRIES)
        last = ask.ask(desk).origin
        first = heard.calls[0].completion
        alone = ask.ask(replace(desk, candidates=(Candidate(Replayed(first)),), retries=())).origin
        note_answer(score, world, ask, first, alone)
        note_last(score, ask, heard.calls, last)
        print(f"\r{number}/{len(asks)} used {score.used}, after more tries {score.used_at_last}", end="", flush=True)
    print()


def note_last(score: Score, ask: Ask, calls: Sequence[Call], origin: Origin) -> None:
    """Add what became of all tries together."""
    used = origin.fallback is None
    score.used_at_last += used
    score.by_task_at_last[ask.task].append(used)
    text = calls[-1].completion.text
    if used and ask.must_keep:
        score.recalls_of_used.append(words_kept("\n".join(ask.must_keep), text).recall)
    if len(calls) > 1:
        why = f"{origin.fallback.reason.value}: {origin.fallback.detail}" if origin.fallback else ""
        opening = calls[-1].request.opening
        score.rows[-1] |= {"tries": len(calls), "opening": opening, "text_at_last": text, "fell_back_at_last": why}


def note_answer(score: Score, world: World, ask: Ask, completion: Completion, origin: Origin) -> None:
    """Add one answer to a score."""
    text = completion.text
    fallback = origin.fallback
    score.prompts += 1
    score.ended += completion.finish_reason is FinishReason.STOP
    try:
        CONTRACT.parse(ask.task, text)
        score.parsed += 1
    except OutputParseError:
        pass
    foreign = check_script(text, typed_text(world.material.brief))
    score.clean += not CHANNEL.search(text) and foreign is None
    score.honest += fallback is None or fallback.reason is not FallbackReason.INTEGRITY
    score.unedited += not origin.edits
    score.used += fallback is None
    score.tokens += completion.completion_tokens
    score.seconds += completion.total_s - completion.first_token_s
    score.by_task[ask.task].append(fallback is None)
    if fallback is not None:
        score.reasons[fallback.reason.value] += 1
    if ask.must_keep:
        kept = words_kept("\n".join(ask.must_keep), text)
        score.recalls.append(kept.recall)
        score.whole_recalls += kept.recall == 1.0
    if ask.anchored:
        rare = [world.words[key] for key in world.case.vary] + [world.words["own"]]
        score.anchored.append(any(words_kept(word, text).recall == 1.0 for word in rare))
    why = f"{fallback.reason.value}: {fallback.detail}" if fallback else ""
    score.rows.append({"case": world.case.id, "task": ask.task, "name": ask.name, "text": text, "fell_back": why})


def swap_all(backend: LlamaCppBackend, asks: Sequence[tuple[World, Ask]], score: Score) -> None:
    """Change one word that the person typed, and see whether the answer follows."""
    listener = Listener(backend)
    for world, ask in asks:
        found = next(iter(_swappable(world, ask)), None)
        if found is None or len(score.swaps) == SWAPS:
            continue
        key, new = found
        other = open_world(world.case, Variation(world.case.id, world.variation.number, SEED, forced=((key, new),)))
        twin = next((a for a in Workbench(other).asks() if (a.task, a.name) == (ask.task, ask.name)), None)
        if twin is None:
            continue
        twin.ask(replace(Gate(other, CONTRACT).desk(twin, listener), retries=RETRIES))
        text = listener.calls[-1].completion.text if listener.calls else ""
        old = world.words[key]
        score.swaps.append(words_kept(new, text).recall == 1.0 and words_kept(old, text).recall < 1.0)
        print(f"\rswaps {len(score.swaps)}/{SWAPS}", end="", flush=True)
    print()


def _swappable(world: World, ask: Ask) -> Iterator[tuple[str, str]]:
    for key, options in world.case.vary.items():
        old = world.words[key]
        new = next((option for option in options if option != old and words_kept(old, option).recall < 1.0), None)
        if new and len(old) > 3 and any(old in said for said in ask.must_keep):  # noqa: PLR2004 - a short word may stand anywhere
            yield key, new


def lines(scores: dict[str, Score]) -> Iterator[str]:
    """Yield the table."""
    yield f"| Held-out prompts | {' | '.join(scores)} |"
    yield f"| --- |{' ---: |' * len(scores)}"
    rows: list[tuple[str, Callable[[Score], str]]] = [
        ("prompts", lambda s: str(s.prompts)),
        ("first draft ends by itself", lambda s: _share(s.ended, s.prompts)),
        ("first draft: form and schema valid", lambda s: _share(s.parsed, s.prompts)),
        ("first draft: no channel name, no other alphabet", lambda s: _share(s.clean, s.prompts)),
        ("first draft: nothing blocked or unsupported", lambda s: _share(s.honest, s.prompts)),
        ("first draft: no edit needed", lambda s: _share(s.unedited, s.prompts)),
        ("first draft: words of the person kept, mean", lambda s: _mean(s.recalls)),
        ("first draft: all of them kept", lambda s: _share(s.whole_recalls, len(s.recalls))),
        (
            "first draft: post, bullets, points with a word of theirs",
            lambda s: _share(sum(s.anchored), len(s.anchored)),
        ),
        ("first draft is not used", lambda s: _share(s.prompts - s.used, s.prompts)),
        ("falls back to the composer after all tries", lambda s: _share(s.prompts - s.used_at_last, s.prompts)),
        ("drafts that are used: words of the person kept, mean", lambda s: _mean(s.recalls_of_used)),
        ("last draft follows a counterfactual swap", lambda s: _share(sum(s.swaps), len(s.swaps))),
        ("tokens a second while writing", lambda s: f"{s.tokens / max(s.seconds, 1e-9):.0f}"),
    ]
    for name, value in rows:
        yield f"| {name} | {' | '.join(value(score) for score in scores.values())} |"
    tasks = sorted({task for score in scores.values() for task in score.by_task})
    for task in tasks:
        found = [score.by_task_at_last[task] for score in scores.values()]
        told = (_share(used.count(False), len(used)) for used in found)
        yield f"| falls back: {task} | {' | '.join(told)} |"
    for name, score in scores.items():
        yield f"\n{name}: " + ", ".join(f"{count} {reason}" for reason, count in score.reasons.most_common())


def _mean(values: Sequence[float]) -> str:
    return f"{sum(values) / len(values):.3f}" if values else "-"


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "-"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Compares the bare model with the tuned one.")
    parser.add_argument("--adapter", type=Path, help="an adapter to compare instead of the one that comes along")
    parser.add_argument("--prompts", type=int, default=130)
    parser.add_argument("--penalty", type=float, default=DECODING.repeat_penalty, help="brake on repetition")
    parser.add_argument("--only", choices=("base", "tuned"))
    parser.add_argument("--json", type=Path, help="also write every answer")
    options = parser.parse_args()
    asks = list(held_out_asks(options.prompts))
    scores: dict[str, Score] = {}
    tuned: Path | Literal["embedded"] = options.adapter or "embedded"
    models: list[tuple[str, Path | Literal["embedded"] | None]] = [("base", None), ("tuned", tuned)]
    for name, adapter in models:
        if options.only in {None, name}:
            scores[name] = Score()
            with open_llama_cpp(adapter=adapter, any_contract=True) as backend:
                ask_all(backend, asks, scores[name], DECODING.model_copy(update={"repeat_penalty": options.penalty}))
                swap_all(backend, asks, scores[name])
    print("\n".join(lines(scores)))
    if options.json:
        found = {name: score.rows for name, score in scores.items()}
        options.json.write_text(json.dumps(found, indent=1, ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    main()
