"""From a contract's files to tasks that are ready to render."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any, NamedTuple, TypeVar

from proofkit_prompts.digest import canonical_json, ordered_json, sha256
from proofkit_prompts.errors import ContractError
from proofkit_prompts.escape import Escaper, compile_escaper
from proofkit_prompts.folder import ContractFiles
from proofkit_prompts.manifest import ESCAPE_RULES, GRAMMAR, MANIFEST, Label, Manifest
from proofkit_prompts.prompt import OutputKind
from proofkit_prompts.render import CompiledTask, TaskLabel
from proofkit_prompts.schema import check_schema
from proofkit_prompts.shape import Check, read_toml
from proofkit_prompts.spec import TaskSpec
from proofkit_prompts.template import decode_template, split_chat_template, split_template

INTERPRETER = 1
"""Number of this interpreter; a change of the bytes it gives to the same data needs a new one."""

_T = TypeVar("_T")


class Sources(NamedTuple):
    """A contract's data files, read and checked."""

    manifest: Manifest
    labels: tuple[Label, ...]
    escaper: Escaper
    shared: Mapping[str, str]
    """Digests of what all tasks share, by part."""


class CompiledContract(NamedTuple):
    """Everything that a contract's files say, compiled."""

    manifest: Manifest
    tasks: dict[str, CompiledTask]
    """Tasks by name, in the manifest's order."""
    grammar: dict[str, bool]
    """Every label, and whether good prose may start a line with it."""
    digest: str


def compile_contract(files: ContractFiles) -> CompiledContract:
    """Compile a contract.

    Args:
        files: The contract's files; goldens and lock are not needed.

    Raises:
        ContractError: A file is missing or says something that this interpreter does not know.
    """
    sources = _read_sources(files)
    specs = sources.manifest.task
    labels = {spec.name: _task_labels(spec, sources.labels) for spec in specs}
    schemas = {spec.name: _schema(files, spec) for spec in specs}
    digests = {spec.name: _task_digests(files, spec, labels[spec.name], schemas[spec.name], sources) for spec in specs}
    digest = sha256(canonical_json({"shared": dict(sources.shared), "tasks": digests}))
    tasks = {
        spec.name: _compile_task(
            files,
            sources,
            spec,
            labels=labels[spec.name],
            schema=schemas[spec.name],
            digest=digest,
            own=digests[spec.name],
        )
        for spec in specs
    }
    grammar = {label.label: label.ordinary for label in sources.labels}
    return CompiledContract(sources.manifest, tasks, grammar, digest)


def template_path(task: str) -> str:
    """Return where a task's template is inside its contract."""
    return f"templates/{task}.txt"


def schema_path(task: str) -> str:
    """Return where a task's output schema is inside its contract."""
    return f"schemas/{task}.json"


def _read_sources(files: ContractFiles) -> Sources:
    manifest = _read_toml(files, "contract.toml", MANIFEST)
    if manifest.interpreter != INTERPRETER:
        raise ContractError(
            f"Got interpreter {manifest.interpreter} in contract.toml of {manifest.version}; this package has "
            f"interpreter {INTERPRETER}. Update proofkit-prompts."
        )
    labels = _read_toml(files, "labels.toml", GRAMMAR).label
    _refuse_repeats("labels.toml", [label.key for label in labels])
    _refuse_repeats("labels.toml", [label.label.casefold() for label in labels])
    _refuse_repeats("contract.toml", [spec.name for spec in manifest.task])
    rules = _read_toml(files, "escape.toml", ESCAPE_RULES)
    try:
        escaper = compile_escaper(rules, [label.label for label in labels])
    except (re.error, ValueError) as error:
        raise ContractError(f"Got an unusable rule in escape.toml ({error}). Correct it.") from error
    # What a rule file says counts, not how it is laid out or commented.
    shared = {
        "interpreter": str(INTERPRETER),
        "chat_template": sha256(_file(files, "chat_template.txt")),
        "system": sha256(_file(files, "system.txt")),
        "escape": sha256(canonical_json(asdict(rules))),
        "label_names": sha256(canonical_json(sorted(label.label for label in labels))),
        "stop": sha256(canonical_json(list(manifest.stop))),
    }
    return Sources(manifest, labels, escaper, shared)


def _compile_task(
    files: ContractFiles,
    sources: Sources,
    spec: TaskSpec,
    *,
    labels: tuple[TaskLabel, ...],
    schema: str | None,
    digest: str,
    own: Mapping[str, str],
) -> CompiledTask:
    path = template_path(spec.name)
    template = decode_template(_file(files, path), path).removesuffix("\n")
    chat = decode_template(_file(files, "chat_template.txt"), "chat_template.txt")
    return CompiledTask(
        contract=sources.manifest.version,
        contract_digest=digest,
        spec=spec,
        labels=labels,
        system=decode_template(_file(files, "system.txt"), "system.txt").removesuffix("\n"),
        template=split_template(template, "{lines}", path),
        chat=split_chat_template(chat, "chat_template.txt"),
        escaper=sources.escaper,
        rules_digest=sources.shared["escape"],
        stop=sources.manifest.stop,
        schema=schema,
        digest=own["task"],
        output_digest=own["output"],
    )


def _task_digests(
    files: ContractFiles, spec: TaskSpec, labels: tuple[TaskLabel, ...], schema: str | None, sources: Sources
) -> dict[str, str]:
    output = sha256(
        canonical_json(
            {
                "kind": spec.output.value,
                "schema": schema,
                "stop": list(sources.manifest.stop),
                "max_tokens": spec.max_tokens,
            }
        )
    )
    grammar = [[label.key, label.label, label.kind.value, label.cap, label.required] for label in labels]
    template = sha256(_file(files, template_path(spec.name)))
    whole = {
        "name": spec.name,
        "labels": grammar,
        "template": template,
        "output": output,
        "shared": dict(sources.shared),
    }
    return {"task": sha256(canonical_json(whole)), "output": output}


def _task_labels(spec: TaskSpec, grammar: tuple[Label, ...]) -> tuple[TaskLabel, ...]:
    keys = [*spec.required, *spec.optional]
    _refuse_repeats(f"contract.toml, task {spec.name}", keys)
    unknown = sorted({*keys, *spec.caps} - {label.key for label in grammar}) or sorted(set(spec.caps) - set(keys))
    if unknown:
        raise ContractError(
            f"Got the label {unknown[0]!r} in task {spec.name} of contract.toml; expected one that labels.toml defines "
            "and the task uses. Correct one of the two files."
        )
    return tuple(
        TaskLabel(label.key, label.label, label.kind, spec.caps.get(label.key, label.cap), label.key in spec.required)
        for label in grammar
        if label.key in keys
    )


def _schema(files: ContractFiles, spec: TaskSpec) -> str | None:
    path = schema_path(spec.name)
    if spec.output is OutputKind.MARKDOWN:
        return None
    try:
        schema: Any = json.loads(_file(files, path))
    except ValueError as error:
        raise ContractError(f"Got no valid JSON in {path} ({error}). Restore the file.") from error
    check_schema(schema, path)
    return ordered_json(schema)


def _read_toml(files: ContractFiles, path: str, check: Check[_T]) -> _T:
    return read_toml(decode_template(_file(files, path), path), path, check)


def _file(files: ContractFiles, path: str) -> bytes:
    try:
        return files[path]
    except KeyError:
        raise ContractError(f"Got a contract without {path}; every contract has one. Restore the file.") from None


def _refuse_repeats(path: str, names: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise ContractError(f"Got {name!r} twice in {path}; expected it once. Remove one.")
        seen.add(name)
