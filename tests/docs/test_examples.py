"""Every example in the README and the docs is run or parsed.

- `console`: lines that start with `$` are run in a folder of their own, the lines below are what they print; `...`
  stands for anything. `$ uv run X` runs X of this environment. A line `# exit code N` may follow a command.
- `python`: all blocks of a page are one program.
- `toml`, `json`: parsed; a `title` names the file they are saved as, and what has a target role must be a brief.
- `sh`: shown only; but a `proofkit` command in it must be one that exists.
"""

import json
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from proofkit_core.brief_file import brief_from_data
from proofkit_ui.cli import build_parser

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")), *sorted(ROOT.glob("packages/*/README.md"))]
FENCE = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
EXIT_CODE = re.compile(r"^# exit code (\d+)$")


class Block(NamedTuple):
    language: str
    title: str
    text: str


class Step(NamedTuple):
    command: str
    exit_code: int
    printed: str


def blocks_of(page: Path) -> list[Block]:
    found: list[Block] = []
    for language, rest, text in FENCE.findall(page.read_text(encoding="utf-8")):
        title = re.search(r'title="([^"]+)"', rest)
        found.append(Block(language, title[1] if title else "", text))
    return found


def needs_the_model(page: Path) -> bool:
    runs = [block.text for block in blocks_of(page) if block.language in {"console", "python"}]
    makes = [line for text in runs for line in text.splitlines() if "proofkit make" in line]
    return any("open_llama_cpp" in text for text in runs) or any("--template-only" not in line for line in makes)


def with_marks(pages: list[Path]) -> list[Any]:
    return [
        pytest.param(page, id=str(page.relative_to(ROOT)), marks=[pytest.mark.model] if needs_the_model(page) else ())
        for page in pages
    ]


def steps_of(text: str) -> Iterator[Step]:
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, *below = part.splitlines()
        code = 0
        if below and (found := EXIT_CODE.match(below[0])):
            code = int(found[1])
            below = below[1:]
        yield Step(command, code, "\n".join(below).strip())


def words_of(command: str) -> list[str]:
    words = shlex.split(command)
    if words[:2] == ["uv", "run"]:
        words = words[2:]
    if words[0].startswith("proofkit"):
        words[0] = str(Path(sys.executable).with_name(words[0]))
    return words


def fits(expected: str, printed: str) -> bool:
    """Compare line by line; `...` stands for any text in a line, and alone in a line for any number of lines."""
    lines = [
        r"(?:.*\n)*" if line == "..." else ".*".join(re.escape(part) for part in line.split("...")) + r"\n"
        for line in expected.splitlines()
    ]
    return re.fullmatch("".join(lines), "".join(f"{line}\n" for line in printed.strip().splitlines())) is not None


def run_step(step: Step, folder: Path, environ: dict[str, str]) -> None:
    words = words_of(step.command)
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=600, check=False, env=environ)
    assert done.returncode == step.exit_code, f"$ {step.command}\n{done.stdout}{done.stderr}"
    # Progress goes to standard error; what a page shows is the answer, or the complaint where there is none.
    assert fits(step.printed, done.stdout or done.stderr), f"$ {step.command}\n{done.stdout}{done.stderr}"


def save_or_run(block: Block, folder: Path, environ: dict[str, str]) -> None:
    if block.language == "console":
        for step in steps_of(block.text):
            run_step(step, folder, environ)
    elif block.language in {"toml", "json"}:
        data = tomllib.loads(block.text) if block.language == "toml" else json.loads(block.text)
        if "target_role" in data:
            brief_from_data(data)
        if block.title:
            (folder / block.title).write_text(block.text, encoding="utf-8")


@pytest.mark.parametrize("page", with_marks(PAGES))
def test_the_examples_of_a_page_work(page: Path, desk: Path, apart: dict[str, str]) -> None:
    blocks = blocks_of(page)
    for block in blocks:
        save_or_run(block, desk, apart)
    if program := "\n".join(block.text for block in blocks if block.language == "python"):
        call = [sys.executable, "-W", "error", "-c", program]
        done = subprocess.run(call, cwd=desk, capture_output=True, text=True, timeout=600, check=False, env=apart)
        assert done.returncode == 0, done.stderr


def shown_commands() -> list[tuple[Path, str]]:
    texts = [(page, block.text) for page in PAGES for block in blocks_of(page) if block.language == "sh"]
    lines = [(page, line) for page, text in texts for line in text.splitlines()]
    return [(page, line) for page, line in lines if re.match(r"^(?:uv run )?proofkit ", line)]


def test_commands_that_are_only_shown_exist() -> None:
    commands = shown_commands()
    assert commands
    for _, line in commands:
        words = shlex.split(line)
        build_parser().parse_args(words[words.index("proofkit") + 1 :])


def test_no_page_has_an_unknown_kind_of_block() -> None:
    known = {"console", "json", "python", "sh", "text", "toml"}
    assert {block.language for page in PAGES for block in blocks_of(page)} <= known


@pytest.mark.model
@pytest.mark.slow
def test_the_first_command_of_the_readme_makes_a_packet(desk: Path, apart: dict[str, str]) -> None:
    run_step(
        Step(
            "uv run proofkit make examples/career-changer.toml --out packet",
            0,
            "...\n...Look first at packet/work-sample.pdf,\n...",
        ),
        desk,
        apart,
    )


def test_ci_ends_with_the_readmes_test_command(root: Path) -> None:
    command = "uv run --group dev pytest"
    assert (root / ".ci" / "run").read_text(encoding="utf-8").rstrip().endswith(f"\n{command}")
    assert f"\n{command}\n" in (root / "README.md").read_text(encoding="utf-8")
