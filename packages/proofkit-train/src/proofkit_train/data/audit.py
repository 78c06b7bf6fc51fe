"""Audits a data set: what it holds, how long rows are, what would be cut, how varied targets are, and what leaks."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from statistics import median
from typing import Any, NamedTuple

from proofkit_core.cleaning import script_of
from proofkit_core.composer.frames import load_frames
from proofkit_core.faithfulness import words_kept
from proofkit_core.roles.catalog import load_catalogue
from proofkit_core.scenario import iter_lines
from proofkit_train.data.row import Row
from proofkit_train.data.split import SPLITS, TRAIN
from proofkit_train.data.variety import Overlap, longest_shared, measure, near_doubles

LONGEST_RUN = 13
"""Most words in a row that a target may share with a template of the program that writes without a model."""
CHANNEL = re.compile(
    r"<\|?(?!\|im_end)[a-z_]+\|?>|^(?:assistant|analysis|commentary|final)\b|assistantfinal", re.MULTILINE
)
_KEYS = re.compile(r"\{[a-z_]+\}|\[[a-z_]+\]|@notes|@answers|^[a-z_]+\? ", re.MULTILINE)
_PROMPT_LABEL = re.compile(r"^(?:Target role|User points|Scenario facts|Section goal|Fictional company):", re.MULTILINE)


class Lengths(NamedTuple):
    """Tokens of a task's rows."""

    rows: int
    prompt_median: int
    prompt_most: int
    trained_median: int
    trained_most: int
    over_limit: int
    """Rows that a recipe's limit would lose."""
    over_task: int
    """Targets longer than the task allows a model to write."""


class Audit(NamedTuple):
    """Everything an audit found."""

    counts: dict[str, dict[str, int]]
    """Rows by split and task."""
    sources: dict[str, int]
    lengths: dict[str, Lengths]
    variety: dict[str, Any]
    overlap: Overlap
    doubles: dict[str, int]
    """Near doubles of training rows, by held-out split."""
    leaks: tuple[str, ...]
    lost: tuple[str, ...]
    """Rows whose target lacks a word it has to keep."""
    reasonings: int
    """Different reasonings among the readiness reviews."""
    unanchored: dict[str, int]
    """Rows without a word of the person's own, by task."""


def audit_rows(
    rows: Sequence[Row], *, count_tokens: Callable[[str], int], max_length: int, most_tokens: dict[str, int]
) -> Audit:
    """Audit rows.

    Args:
        rows: Of all splits.
        count_tokens: Counts a text's tokens.
        max_length: A recipe's limit on prompt and completion together, in tokens.
        most_tokens: What each task allows a model to write, in tokens.
    """
    counts: dict[str, Counter[str]] = {split: Counter() for split in SPLITS}
    by_task: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        counts[row.split][row.task] += 1
        by_task[row.task].append(row)
    trained = [row for row in rows if row.split == TRAIN]
    return Audit(
        counts={split: dict(tasks) for split, tasks in counts.items()},
        sources=dict(Counter(row.source for row in rows)),
        lengths={task: _lengths(of, count_tokens, max_length, most_tokens[task]) for task, of in by_task.items()},
        variety={task: measure(of)._asdict() for task, of in by_task.items()} | {"all": measure(rows)._asdict()},
        overlap=longest_shared(rows, templates()),
        doubles={s: len(near_doubles(trained, [r for r in rows if r.split == s])) for s in SPLITS if s != TRAIN},
        leaks=tuple(find_leaks(rows)),
        lost=tuple(row.id for row in rows if any(words_kept(said, row.target).missing for said in row.must_keep)),
        reasonings=len({_reasoning(row) for row in by_task.get("readiness_review", [])}),
        unanchored=dict(Counter(row.task for row in rows if not row.must_keep and not row.anchors)),
    )


def templates() -> Iterator[str]:
    """Yield every line that the composer writes from: its frames and the hand-written scenarios."""
    for frames in load_frames().values():
        yield from frames
    for entry in load_catalogue():
        for scenario in entry.role.scenarios:
            # What stands in the prompt may stand in a target too.
            own = scenario.model_dump(
                exclude={"facts", "situation", "decision", "business", "project", "company_words"}
            )
            yield from (line for _, line in iter_lines(own, ""))


def _lengths(rows: Sequence[Row], count: Callable[[str], int], max_length: int, most: int) -> Lengths:
    prompts = [count(row.prompt) for row in rows]
    targets = [count(row.completion) for row in rows]
    return Lengths(
        rows=len(rows),
        prompt_median=int(median(prompts)),
        prompt_most=max(prompts),
        trained_median=int(median(targets)),
        trained_most=max(targets),
        over_limit=sum(p + t > max_length for p, t in zip(prompts, targets, strict=True)),
        over_task=sum(t > most for t in targets),
    )


def find_leaks(rows: Sequence[Row]) -> Iterator[str]:
    """Yield what has no place in a target: channel names, unfilled keys, labels of the prompt, other scripts."""
    for row in rows:
        for name, pattern in (("channel", CHANNEL), ("key", _KEYS), ("label", _PROMPT_LABEL)):
            found = pattern.search(row.target)
            if found and not (name == "key" and re.fullmatch(r"\[S\d+\]", found[0])):
                yield f"{row.id}: {name} {found[0]!r}"
        known = {"LATIN"} | {script_of(char) for char in row.prompt if char.isalpha()}
        other = next((c for c in row.target if c.isalpha() and ord(c) > 0x7F and script_of(c) not in known), None)  # noqa: PLR2004 - beyond ASCII
        if other:
            yield f"{row.id}: script {other!r}"


def _reasoning(row: Row) -> str:
    return row.target.partition('"reasoning": ')[2].partition(', "label"')[0]
