"""The editable prompt set: rich instructions for large general models, kept apart from the frozen contract."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from proofkit_prompts.contract import Contract, load_contract
from proofkit_prompts.errors import ContractError
from proofkit_prompts.escape import Escaper, cut_text, escape_text
from proofkit_prompts.prompt import EditablePrompt
from proofkit_prompts.render import FieldValue, render_lines
from proofkit_prompts.shape import mapping, positive, read_toml, record, text

GENERAL = Path(__file__).parent / "editable" / "general"
"""The set that ships with this package."""
_PROBLEM = "problem"
_PROBLEM_CAP = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class EditableSet:
    """`set.toml`: what an editable set is called and how much it reads and writes."""

    name: str
    contract: str
    """The contract whose fields and output schemas the set uses."""
    cap_factor: int
    max_tokens: dict[str, int]


_SETTINGS = record(EditableSet, name=text(), contract=text(), cap_factor=positive, max_tokens=mapping(positive))


def render_editable(
    task: str,
    fields: Mapping[str, FieldValue],
    *,
    problem: str = "",
    folder: Path = GENERAL,
    contract: Contract | None = None,
) -> EditablePrompt:
    """Render a prompt for a large general model.

    Args:
        task: Task name.
        fields: Values by field key, as for `Contract.render`.
        problem: Why a first answer could not be used; empty the first time.
        folder: The editable set.
        contract: The contract that the set names, where it is loaded already.

    Raises:
        UnknownTaskError: The set's contract has no such task.
        FieldError: A field is unknown, of the wrong kind, or required and empty.
        ContractError: The set cannot be read.
    """
    settings = _read_settings(folder)
    source = load_contract(settings.contract) if contract is None else contract
    compiled = source.compiled_task(task)
    caps = {label.key: label.cap * settings.cap_factor for label in compiled.labels}
    tags = re.compile(rf"</?(?:{'|'.join([*caps, _PROBLEM])})>", re.IGNORECASE)
    blocks = [_read_text(folder / f"{task}.md")]
    for line in render_lines(compiled, fields):
        block = _block_text(fields[line.key], caps[line.key], compiled.escaper)
        blocks.append(_tagged(line.key, block, tags))
    if problem:
        block = _block_text(" ".join(problem.split()), _PROBLEM_CAP, compiled.escaper)
        blocks += [_read_text(folder / "repair.md"), _tagged(_PROBLEM, block, tags)]
    return EditablePrompt(
        prompt_set=settings.name,
        task=str(task),
        system=_read_text(folder / "system.md"),
        user="\n\n".join(blocks),
        output=compiled.spec.output,
        output_schema=source.schema(task),
        max_tokens=settings.max_tokens.get(task, compiled.spec.max_tokens),
    )


def _tagged(key: str, block: str, tags: re.Pattern[str]) -> str:
    harmless = tags.sub(lambda found: f"< {found.group()[1:]}", block)
    return f"<{key}>\n{harmless}\n</{key}>"


def _block_text(value: FieldValue, cap: int, escaper: Escaper) -> str:
    if isinstance(value, str):
        marked = escaper.newline_mark.split(value.replace("\r\n", "\n"))
        lines = [escape_text(line, escaper) for line in marked]
        return cut_text(re.sub("\n{3,}", "\n\n", "\n".join(lines)).strip(), cap, escaper)
    items = [escape_text(item, escaper) for item in value]
    return cut_text("\n".join(f"- {item}" for item in items if item), cap, escaper)


def _read_settings(folder: Path) -> EditableSet:
    path = folder / "set.toml"
    return read_toml(_read_text(path), str(path), _SETTINGS)


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ContractError(
            f"Got no readable {path.name} in {path.parent}; an editable set has one. Add it."
        ) from error
