"""Writes what an audit found: lines for the console, and the data card."""

from collections.abc import Iterator, Sequence

from proofkit_train.data.audit import LONGEST_RUN, Audit
from proofkit_train.data.files import Manifest
from proofkit_train.data.row import Rejected

SHOWN = 10
"""Most findings of a kind that are printed."""


ABOUT = (
    "Rows that teach a small model to draft for ProofKit, in TRL's prompt-completion shape. Every text was written for "
    "this project; no person, firm or job advertisement in it is real. Licence: Apache-2.0."
)
HOW = (
    "A row is a function of its inputs: a person, what they say, then a target written from that and from the facts of "
    "the exercise. Original rows are written by hand end to end; grown rows make other choices among the alternatives "
    "of the same case, with other people, voices and numbers. A target stands here only if the app would use it, word "
    "for word, as a model's draft."
)


def is_clean(audit: Audit) -> bool:
    """Say whether an audit found nothing that must not be."""
    doubled = sum(audit.doubles.values())
    too_long = sum(lengths.over_task for lengths in audit.lengths.values())
    return not (audit.leaks or audit.lost or doubled or too_long) and audit.overlap.words <= LONGEST_RUN


def audit_lines(audit: Audit, rejected: Sequence[Rejected] = ()) -> Iterator[str]:
    """Yield the audit as Markdown.

    Args:
        audit: What was found.
        rejected: Targets that the gate turned down, where the set was just built.
    """
    yield from _counts(audit)
    yield from _lengths(audit)
    yield from _variety(audit)
    yield from _findings(audit)
    if rejected:
        yield from _rejected(rejected)


def _counts(audit: Audit) -> Iterator[str]:
    splits = [split for split in audit.counts if audit.counts[split]]
    yield f"| Task | {' | '.join(splits)} |"
    yield f"| --- |{' ---: |' * len(splits)}"
    for task in audit.lengths:
        yield f"| {task} | {' | '.join(str(audit.counts[split].get(task, 0)) for split in splits)} |"
    yield f"| all | {' | '.join(str(sum(audit.counts[split].values())) for split in splits)} |"
    yield ""
    total = sum(audit.sources.values())
    told = ", ".join(f"{count} {name}" for name, count in sorted(audit.sources.items()))
    yield f"{total} rows: {told}. {audit.reasonings} different reasonings among the readiness reviews."
    yield ""


def _lengths(audit: Audit) -> Iterator[str]:
    yield "| Task | prompt tokens, median | most | trained tokens, median | most | over the recipe's limit |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: |"
    for task, found in audit.lengths.items():
        yield (
            f"| {task} | {found.prompt_median} | {found.prompt_most} | {found.trained_median} | {found.trained_most} "
            f"| {found.over_limit} |"
        )
    yield ""


def _variety(audit: Audit) -> Iterator[str]:
    yield "| Task | compression | runs of six shared | self-BLEU | different runs of six |"
    yield "| --- | ---: | ---: | ---: | ---: |"
    for task, figures in audit.variety.items():
        yield (
            f"| {task} | {figures['compression']:.2f} | {figures['shared_runs']:.1%} | {figures['self_bleu']:.3f} "
            f"| {figures['distinct']:.1%} |"
        )
    yield ""
    overlap = audit.overlap
    yield (
        f"Longest run of words shared with a line of the composer: {overlap.words} (limit {LONGEST_RUN}), "
        f"“{overlap.text}” in {overlap.row}."
    )
    yield ""


def _findings(audit: Audit) -> Iterator[str]:
    doubles = ", ".join(f"{count} in {split}" for split, count in audit.doubles.items())
    yield f"Near doubles of training rows: {doubles or 'none'}."
    free = ", ".join(f"{count} {task}" for task, count in sorted(audit.unanchored.items()))
    yield f"Rows without a word of the person's own: {free or 'none'}."
    yield f"Rows that lost a word: {len(audit.lost)}. Leaks: {len(audit.leaks)}."
    yield from (f"- {line}" for line in (*audit.lost[:SHOWN], *audit.leaks[:SHOWN]))
    yield ""


def _rejected(rejected: Sequence[Rejected]) -> Iterator[str]:
    reasons = sorted({piece.reason for piece in rejected})
    yield "Targets that the gate turned down, which are in no file:"
    yield ""
    yield "| Reason | hand | grown |"
    yield "| --- | ---: | ---: |"
    for reason in reasons:
        of = [piece.source for piece in rejected if piece.reason == reason]
        yield f"| {reason} | {of.count('hand')} | {of.count('grown')} |"
    yield ""


def data_card(manifest: Manifest, lines: Sequence[str]) -> str:
    """Return the data card.

    Args:
        manifest: Digests and counts.
        lines: The audit's lines.
    """
    head = [
        "# Data card: simulated work samples",
        "",
        ABOUT,
        "",
        HOW,
        "",
        f"- rows digest: `{manifest.rows_digest}`",
        f"- contract: `{manifest.contract_version}`, `{manifest.contract_digest}`",
        f"- seed {manifest.plan['seed']}, {manifest.plan['variations']} grown variations of each case",
        "",
    ]
    return "\n".join([*head, *lines]) + "\n"
