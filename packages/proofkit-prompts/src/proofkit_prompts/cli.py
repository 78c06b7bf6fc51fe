"""The command `proofkit-prompts`: look at contracts, check them, compare them, lock them."""

import argparse
import io
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from proofkit_prompts.commit import read_commit
from proofkit_prompts.compile import schema_path, template_path
from proofkit_prompts.contract import Contract, build_contract, load_contract
from proofkit_prompts.diff import diff_contracts
from proofkit_prompts.drift import find_drift, find_frozen_changes
from proofkit_prompts.editable_set import render_editable
from proofkit_prompts.errors import ContractDriftError, ContractError, ProofKitError
from proofkit_prompts.folder import CONTRACTS, contract_folder, read_folder, versions
from proofkit_prompts.freeze import freeze_contract, lock_draft
from proofkit_prompts.operand import load_tokenizer, read_operands

_DRIFT = 1
_USAGE = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        arguments: Words after the command's name; None for those of the process.

    Returns:
        0 when all is well, 1 when something locked has changed, 2 when the command was used wrongly.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", newline="\n")
    options = _parser().parse_args(arguments)
    command: Callable[[argparse.Namespace], int] = options.command
    try:
        return command(options)
    except ContractDriftError as error:
        print(error, file=sys.stderr)
        return _DRIFT
    except ProofKitError as error:
        print(error, file=sys.stderr)
        return _USAGE


def _list(options: argparse.Namespace) -> int:
    for version in versions(options.contracts):
        # Drift is what `check` is for; a listing names what is there.
        contract = build_contract(read_folder(options.contracts / version, goldens=False), trust_lock=False)
        print(f"{version}  {contract.status}  {contract.digest}  {contract.description}")
        for task in contract.tasks:
            spec = contract.spec(task)
            print(f"  {task}  {spec.output}  {contract.task_digest(task)[:12]}  {spec.description}")
    return 0


def _show(options: argparse.Namespace) -> int:
    contract = _load(options)
    task = contract.compiled_task(options.task)
    print(f"Task {task.spec.name} of contract {contract.version} ({contract.status})")
    print(f"Task digest: {task.digest}\nOutput digest: {task.output_digest}")
    print(f"Output: {task.spec.output}, at most {task.spec.max_tokens} tokens, stops at {', '.join(task.stop)}")
    print(f"System: {task.system}")
    print(f"Instruction ({template_path(task.spec.name)}): {task.template.before.strip()}")
    print("Labels, in order:")
    for label in task.labels:
        need = "required" if label.required else "optional"
        print(f"  {label.key}  {label.label!r}  {label.kind}  {need}  at most {label.cap} characters")
    if (schema := contract.schema(options.task)) is not None:
        print(f"Schema ({schema_path(task.spec.name)}):\n{json.dumps(schema, indent=2, ensure_ascii=False)}")
    return 0


def _render(options: argparse.Namespace) -> int:
    fields = _read_fields(options.fields)
    contract = _load(options)
    if options.editable:
        prompt = render_editable(options.task, fields)
        print(f"{prompt.system}\n\n{prompt.user}")
        return 0
    print(contract.render(options.task, fields).text, end="")
    if cut := contract.cut_fields(options.task, fields):
        print(f"Over their caps and cut: {', '.join(cut)}.", file=sys.stderr)
    return 0


def _check(options: argparse.Namespace) -> int:
    tokenizers = [load_tokenizer(path) for path in options.tokenizer]
    here = {version: read_folder(options.contracts / version) for version in versions(options.contracts)}
    if not here:
        raise ContractError(f"Got no contract under {options.contracts}; expected one folder a version.")
    drift = [line for version, files in here.items() for line in find_drift(version, files, tokenizers)]
    if options.against:
        for version, before in sorted(read_commit(options.against, options.contracts).items()):
            drift += find_frozen_changes(version, here.get(version), before)
    for line in drift:
        print(line, file=sys.stderr)
    if not drift:
        print(f"{', '.join(here)}: as locked")
    return _DRIFT if drift else 0


def _diff(options: argparse.Namespace) -> int:
    changes = diff_contracts(*read_operands(options.before, options.after, options.contracts))
    for change in changes:
        print(f"{change.kind}  {change.task or 'contract'}: {change.reason} ({change.follows})")
    if not changes:
        print("No difference.")
    return 0


def _freeze(options: argparse.Namespace) -> int:
    folder = contract_folder(options.version, options.contracts)
    if options.draft:
        changed = lock_draft(folder, [load_tokenizer(path) for path in options.tokenizer])
        print("\n".join(f"wrote {path}" for path in changed) or "nothing to write")
        return 0
    freeze_contract(folder)
    print(f"{folder.name} is frozen. Commit it; from now on, changes need a new version.")
    return 0


def _load(options: argparse.Namespace) -> Contract:
    return load_contract(contract_folder(options.version, options.contracts))


def _read_fields(path: Path) -> dict[str, Any]:
    try:
        fields = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise ContractError(
            f"Got no readable JSON in {path} ({error}). Give a file with one object of fields."
        ) from error
    if not isinstance(fields, dict):
        raise ContractError(f"Got {type(fields).__name__} in {path}; expected one object of fields. Correct the file.")
    return fields  # pyright: ignore[reportUnknownVariableType]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="proofkit-prompts", description="The frozen prompt contract of ProofKit.")
    parser.add_argument("--contracts", type=Path, default=CONTRACTS, help="folder with one folder a version")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    listing = commands.add_parser("list", help="list versions and their tasks")
    listing.set_defaults(command=_list)

    show = commands.add_parser("show", help="show one task: labels, instruction, schema, digests")
    show.add_argument("task")
    show.add_argument("--version", default="v1", help="version or folder (default: v1)")
    show.set_defaults(command=_show)

    render = commands.add_parser("render", help="print the exact prompt for a file of fields")
    render.add_argument("task")
    render.add_argument("fields", type=Path, metavar="FIELDS.json")
    render.add_argument("--version", default="v1", help="version or folder (default: v1)")
    render.add_argument("--editable", action="store_true", help="render the prompt for large general models instead")
    render.set_defaults(command=_render)

    check = commands.add_parser("check", help="exit 1 if anything locked has changed")
    check.add_argument("--against", metavar="GITREF", help="also compare with what was frozen at a git commit")
    _add_tokenizer(check)
    check.set_defaults(command=_check)

    diff = commands.add_parser("diff", help="classify the differences between two contracts")
    diff.add_argument("before", help="version, folder, GITREF or GITREF:VERSION")
    diff.add_argument("after", help="the same")
    diff.set_defaults(command=_diff)

    freeze = commands.add_parser("freeze", help="freeze a draft for good")
    freeze.add_argument("version")
    freeze.add_argument("--draft", action="store_true", help="rewrite goldens and lock, and stay a draft")
    _add_tokenizer(freeze)
    freeze.set_defaults(command=_freeze)
    return parser


def _add_tokenizer(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--tokenizer",
        action="append",
        default=[],
        metavar="MODULE:FUNCTION",
        help="a function that returns a tokenizer, for token digests (repeatable)",
    )
