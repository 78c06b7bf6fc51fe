"""How two versions of a contract differ, in the classes that decide what has to follow."""

from enum import StrEnum
from typing import NamedTuple

from proofkit_prompts.contract import Contract, build_contract
from proofkit_prompts.drift import first_difference
from proofkit_prompts.errors import ContractError
from proofkit_prompts.folder import LOCK, ContractFiles
from proofkit_prompts.golden import Golden, read_goldens
from proofkit_prompts.lock import read_lock


class ChangeClass(StrEnum):
    """What a change does to models trained before it."""

    BYTES = "BYTES"
    """The same fields render other bytes."""
    TOKENS = "TOKENS"
    """The same bytes give other token ids under a recorded tokenizer."""
    OUTPUT = "OUTPUT"
    """Schema, stop strings, output kind or token cap differ."""
    ADDITIVE = "ADDITIVE"
    """A new task, or a new optional label whose absence changes nothing."""
    META = "META"
    """Nothing that a model reads or writes."""


_FOLLOWS = {
    ChangeClass.BYTES: "breaking: new major version and retrain",
    ChangeClass.TOKENS: "breaking: new major version and retrain",
    ChangeClass.OUTPUT: "breaking: new major version and retrain",
    ChangeClass.ADDITIVE: "minor version",
    ChangeClass.META: "patch",
}


class Change(NamedTuple):
    """One difference."""

    kind: ChangeClass
    task: str | None
    """The task, or None where no single one is meant."""
    reason: str

    @property
    def follows(self) -> str:
        """Return what has to follow from a change of this class."""
        return _FOLLOWS[self.kind]


def diff_contracts(before: ContractFiles, after: ContractFiles) -> tuple[Change, ...]:
    """Return the differences between two contracts, the gravest class first; empty when their bytes are the same.

    Args:
        before: Files of the older contract.
        after: Files of the newer one.

    Raises:
        ContractError: One of them cannot be built.
    """
    old, new = build_contract(before, trust_lock=False), build_contract(after, trust_lock=False)
    changes: list[Change] = []
    goldens = read_goldens(before)
    for task in old.tasks:
        if task in new.tasks:
            own = tuple(golden for golden in goldens if golden.task == task)
            changes += _task_changes(task, old, new, own)
        else:
            changes.append(Change(ChangeClass.BYTES, task, "the task is gone"))
    changes += [Change(ChangeClass.ADDITIVE, task, "new task") for task in new.tasks if task not in old.tasks]
    changes += _token_changes(before, after)
    paths = sorted(path for path in {*before, *after} if before.get(path) != after.get(path) and path != LOCK)
    if not changes and paths:
        changes = [Change(ChangeClass.META, None, f"{path} differs without effect") for path in paths]
    elif old.description != new.description:
        changes.append(Change(ChangeClass.META, None, "the description differs"))
    order = list(ChangeClass)
    return tuple(sorted(changes, key=lambda change: order.index(change.kind)))


def _task_changes(task: str, old: Contract, new: Contract, goldens: tuple[Golden, ...]) -> list[Change]:
    changes = [Change(ChangeClass.BYTES, task, reason) for reason in _byte_reasons(task, old, new, goldens)]
    if old.output_digest(task) != new.output_digest(task):
        changes.append(Change(ChangeClass.OUTPUT, task, _output_reason(task, old, new)))
    if not any(change.kind is ChangeClass.BYTES for change in changes):
        known = {label.key for label in old.labels(task)}
        changes += [
            Change(ChangeClass.ADDITIVE, task, f"new optional label {label.label!r}")
            for label in new.labels(task)
            if label.key not in known
        ]
    if not changes and old.spec(task).description != new.spec(task).description:
        changes.append(Change(ChangeClass.META, task, "the description differs"))
    return changes


def _byte_reasons(task: str, old: Contract, new: Contract, goldens: tuple[Golden, ...]) -> list[str]:
    was, now = old.compiled_task(task), new.compiled_task(task)
    reasons = [
        f"the {name} differs"
        for name, same in (
            ("system message", was.system == now.system),
            ("template", was.template == now.template),
            ("chat template", was.chat == now.chat),
            ("escape rules", was.rules_digest == now.rules_digest),
        )
        if not same
    ]
    known = {label.key for label in was.labels}
    kept = tuple(label for label in now.labels if label.key in known)
    if kept != was.labels:
        changed = [label.label for label in was.labels if label not in kept] or ["their order"]
        reasons.append(f"labels differ: {', '.join(changed)}")
    reasons += [
        f"new required label {label.label!r}" for label in now.labels if label.required and label.key not in known
    ]
    for golden in goldens:
        try:
            got = new.render(task, golden.fields).text.encode()
        except ContractError as error:
            reasons.append(f"golden {golden.name} is refused: {error}")
            continue
        expected = old.render(task, golden.fields).text.encode()
        if got != expected:
            reasons.append(f"golden {golden.name} differs {first_difference(got, expected)}")
    return reasons


def _output_reason(task: str, old: Contract, new: Contract) -> str:
    was, now = old.compiled_task(task), new.compiled_task(task)
    parts = (
        ("output kind", was.spec.output == now.spec.output),
        ("schema", was.schema == now.schema),
        ("stop strings", was.stop == now.stop),
        ("token cap", was.spec.max_tokens == now.spec.max_tokens),
    )
    return f"{', '.join(name for name, same in parts if not same)} differ"


def _token_changes(before: ContractFiles, after: ContractFiles) -> list[Change]:
    old, new = read_lock(before), read_lock(after)
    if old is None or new is None:
        return []
    changes: list[Change] = []
    for task, was in old.tasks.items():
        now = new.tasks.get(task)
        if now is None:
            continue
        changes += [
            Change(ChangeClass.TOKENS, task, f"token ids under {tokenizer} differ")
            for tokenizer, digest in was.token_digests.items()
            if now.token_digests.get(tokenizer, digest) != digest and was.text_digest == now.text_digest
        ]
    return changes
