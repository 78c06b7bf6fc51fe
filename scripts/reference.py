"""Writes the generated parts of the documentation: command help, fields, errors, the catalogue.

A page holds `<!-- generated: NAME ... -->` and `<!-- end generated -->`; what stands between them comes from here.
Run it after changing a command, a field, an error or the catalogue: `python scripts/reference.py`. With `--check` it
writes nothing and fails when a page is out of date.
"""

import argparse
import ast
import importlib
import inspect
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from proofkit_core.brief import Brief
from proofkit_core.packet import FallbackReason, Packet
from proofkit_core.roles.catalog import load_catalogue
from proofkit_core.samples.catalog import load_sample_types, sample_type
from proofkit_prompts.errors import ProofKitError

ROOT = Path(__file__).parents[1]
PART = re.compile(r"(<!-- generated: ([\w -]+) -->\n).*?(<!-- end generated -->)", re.DOTALL)


def command_help(*words: str) -> str:
    """Return what a command prints when it is asked for help, as a code block."""
    program = Path(sys.executable).with_name(words[0])
    environment = os.environ | {"COLUMNS": "100", "NO_COLOR": "1"}
    call = [program, *words[1:], "--help"]
    done = subprocess.run(call, env=environment, capture_output=True, text=True, check=True)
    return f"```text\n{done.stdout.strip()}\n```\n"


def attribute_docs(model: type[BaseModel]) -> dict[str, str]:
    """Return the docstrings that stand below the fields of a model."""
    tree = ast.parse(inspect.getsource(model))
    body = next(node.body for node in tree.body if isinstance(node, ast.ClassDef))
    found: dict[str, str] = {}
    for node, following in pairwise(body):
        match node, following:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                found[name] = " ".join(text.split())
            case _:
                pass
    return found


PLAIN_TYPES = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "yes or no",
    "null": "nothing",
}


def in_words(schema: dict[str, Any]) -> str:
    """Return a JSON schema's type in a few plain words."""
    match schema:
        case {"$ref": str(ref)}:
            name = ref.rsplit("/", 1)[-1]
            words = f"[{name}](#{name.lower()})"
        case {"anyOf": options}:
            words = " or ".join(in_words(option) for option in options)
        case {"enum": values}:
            words = "one of " + ", ".join(f"`{value}`" for value in values)
        case {"type": "array", "items": items}:
            most = f", at most {schema['maxItems']}" if "maxItems" in schema else ""
            words = f"list of {in_words(items).replace('text', 'texts', 1)}{most}"
        case {"type": "object"}:
            words = f"table of {in_words(schema.get('additionalProperties', {}))}"
        case {"type": "string", "maxLength": int(longest)}:
            words = f"text of {schema.get('minLength', 0)} to {longest:,} characters"
        case _:
            words = PLAIN_TYPES.get(str(schema.get("type")), "anything")
    return words


def cell(text: str) -> str:
    """Return a text that fits into one cell of a Markdown table."""
    return text.replace("|", "\\|").replace("\n", " ")


def field_table(model: type[BaseModel], schema: dict[str, Any]) -> str:
    """Return a table of a model's fields."""
    docs = attribute_docs(model)
    names = {field.serialization_alias or name: name for name, field in model.model_fields.items()}
    lines = ["| field | holds | meaning |", "|---|---|---|"]
    for alias, part in schema.get("properties", {}).items():
        needed = " (required)" if model is Brief and alias in schema.get("required", ()) else ""
        lines.append(f"| `{alias}` | {in_words(part)}{needed} | {cell(docs.get(names[alias], ''))} |")
    return "\n".join(lines) + "\n"


def brief_fields() -> str:
    """Return the fields of a brief."""
    return field_table(Brief, Brief.model_json_schema())


def packet_fields() -> str:
    """Return the fields of a packet and of every record inside it."""
    schema = Packet.model_json_schema(mode="serialization", by_alias=True)
    records = {found.__name__: found for found in records_inside(Packet)}
    parts = [field_table(Packet, schema)]
    for name, part in schema["$defs"].items():
        if "enum" in part:
            values = ", ".join(f"`{value}`" for value in part["enum"])
            parts.append(f"### {name}\n\n{part.get('description', '')}\n\nOne of {values}.\n")
        elif name != Brief.__name__:
            record = records[name]
            parts.append(f"### {name}\n\n{inspect.getdoc(record)}\n\n{field_table(record, part)}")
    return "\n".join(parts).replace("(#brief)", "(brief.md)")


def records_inside(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    """Yield each record type that a model's fields hold, at any depth, once."""
    waiting, seen = [model], {model}
    while waiting:
        current = waiting.pop()
        yield current
        for field in current.model_fields.values():
            for part in parts_of(field.annotation):
                if inspect.isclass(part) and issubclass(part, BaseModel) and part not in seen:
                    seen.add(part)
                    waiting.append(part)


def parts_of(annotation: Any) -> Iterator[Any]:  # noqa: ANN401 - an annotation can be anything
    """Yield an annotation and whatever stands in its brackets."""
    yield annotation
    for part in getattr(annotation, "__args__", ()):
        yield from parts_of(part)


def error_tree() -> str:
    """Return all errors that ProofKit raises on purpose."""
    importlib.import_module("proofkit_core.errors")
    importlib.import_module("proofkit_serve")

    def lines(error: type[Exception], depth: int) -> Iterator[str]:
        first = (inspect.getdoc(error) or "").splitlines()[0]
        yield f"{'    ' * depth}- `{error.__module__}.{error.__name__}`: {first}"
        for child in sorted(error.__subclasses__(), key=lambda each: each.__name__):
            yield from lines(child, depth + 1)

    return "\n".join(lines(ProofKitError, 0)) + "\n"


def fallback_reasons() -> str:
    """Return the reasons for which a draft is turned down."""
    return "\n".join(f"- `{reason.value}`" for reason in FallbackReason) + "\n"


def roles() -> str:
    """Return the roles of the catalogue by family."""
    parts: list[str] = []
    for family, entries in groupby(load_catalogue(), key=lambda entry: entry.family_title):
        rows = [
            f"| {entry.role.title} | {', '.join(sample_type(name).title for name in entry.role.work_samples)} |"
            for entry in entries
        ]
        parts.append("\n".join([f"### {family}\n", "| role | work samples that fit |", "|---|---|", *rows, ""]))
    return "\n".join(parts)


def samples() -> str:
    """Return the types of work sample."""
    rows = [f"| {each.title} | `{each.id}` | {cell(each.plain)} |" for each in load_sample_types()]
    return "\n".join(["| work sample | id | what it is |", "|---|---|---|", *rows, ""])


PARTS: dict[str, Callable[[], str]] = {
    "brief fields": brief_fields,
    "packet fields": packet_fields,
    "error tree": error_tree,
    "fallback reasons": fallback_reasons,
    "roles": roles,
    "samples": samples,
}


def make_part(name: str) -> str:
    """Return what belongs between the marks of this name."""
    return command_help(*name.split()[1:]) if name.startswith("help ") else PARTS[name]()


def fill(text: str) -> str:
    """Return a page with all of its generated parts made anew."""
    return PART.sub(lambda found: f"{found[1]}\n{make_part(found[2])}\n{found[3]}", text)


def main() -> int:
    """Write the pages, or with `--check` tell which are out of date.

    Returns:
        0, or 1 when `--check` found an old page.
    """
    parser = argparse.ArgumentParser(description="Writes the generated parts of the documentation.")
    parser.add_argument("--check", action="store_true", help="write nothing; fail when a page is out of date")
    check = parser.parse_args().check
    old = 0
    for path in sorted((ROOT / "docs").rglob("*.md")):
        before = path.read_text(encoding="utf-8")
        after = fill(before)
        if after != before:
            old += 1
            print(f"{path.relative_to(ROOT)}: {'out of date; run scripts/reference.py' if check else 'written'}")
            if not check:
                path.write_text(after, encoding="utf-8")
    return 1 if check and old else 0


if __name__ == "__main__":
    raise SystemExit(main())
