"""What is faster to serve: an adapter put on the base at load, the same one merged by the app, or an exported merge.

    python benchmarks/adapter_or_merged.py [EXPORT_DIR] [--rounds N] [--threads N] [--json FILE]

EXPORT_DIR is what `proofkit-train export --adapter-gguf --merge q4_1 --merge q8_0` wrote; without it, the adapter that
comes along is measured. Every file is opened with the
app's own backend, in turns, because on a shared machine only ratios of neighbouring runs mean anything; the figures are
medians over the rounds. Loading counts from the call to the open model; the file is in the page cache after the first
round, which is left out, and with it the app's own merge, whose time is printed by itself. Each round answers the same
prompts of the frozen probes, with the prefix cache off.
"""

import argparse
import json
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import NamedTuple

from proofkit_core.drafting.desk import DECODING
from proofkit_core.generation import GenerationRequest
from proofkit_prompts import FrozenPrompt, load_contract
from proofkit_serve import open_llama_cpp
from proofkit_serve.backends.served import ServeAdapter
from proofkit_serve.models import embedded_adapter_path
from proofkit_train.artifact.exporting import EXPORT_FILE, ExportRecord
from proofkit_train.artifact.probes import load_probes

ASKED = ("section-cave", "section-kelp", "coauthor-tram", "post-moss")
"""Free text only: what a JSON schema forces costs nothing and would blur the figures."""
PATIENCE_S = 600.0


class Entry(NamedTuple):
    """One way to serve."""

    name: str
    model: Path | None
    """None for the embedded base."""
    adapter: Path | None
    serve_adapter: ServeAdapter
    bytes: int


class Round(NamedTuple):
    """One measurement."""

    load_s: float
    prompt_tokens_s: float
    written_tokens_s: float


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("export", type=Path, metavar="EXPORT_DIR", nargs="?")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=None, help="threads to decode with; the app's choice without it")
    parser.add_argument("--json", type=Path, metavar="FILE")
    parsed = parser.parse_args()
    entries = read_entries(parsed.export) if parsed.export else list_shipped()
    prompts = read_prompts()
    rounds: dict[str, list[Round]] = {entry.name: [] for entry in entries}
    with TemporaryDirectory() as cache:
        for number in range(parsed.rounds + 1):
            for entry in entries:
                found = measure(entry, prompts, parsed.threads, Path(cache))
                if number:
                    rounds[entry.name].append(found)
                elif entry.adapter and entry.serve_adapter == "merged":
                    print(f"{entry.name}: merged and opened in {found.load_s:.1f} s")
    rows = [summed(entry, rounds[entry.name]) for entry in entries]
    show(rows)
    if parsed.json:
        parsed.json.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")


def list_shipped() -> list[Entry]:
    """Return the base and the adapter that comes along."""
    path = embedded_adapter_path()
    size = path.stat().st_size
    return [
        Entry("base alone", None, None, "at load", 0),
        Entry("base + shipped adapter", None, path, "at load", size),
        Entry("base + shipped adapter, merged by the app", None, path, "merged", size),
    ]


def read_entries(folder: Path) -> list[Entry]:
    """Return the base and everything in an export."""
    record = ExportRecord.model_validate_json((folder / EXPORT_FILE).read_text(encoding="utf-8"))
    entries = [Entry("base alone", None, None, "at load", 0)]
    for file in record.files:
        path, size = folder / file.figures.file, file.figures.size_bytes
        if file.kind.startswith("adapter"):
            entries.append(Entry(f"base + {file.kind}", None, path, "at load", size))
            entries.append(Entry(f"base + {file.kind}, merged by the app", None, path, "merged", size))
        else:
            entries.append(Entry(f"merged {file.kind}", path, None, "at load", size))
    return entries


def read_prompts() -> list[FrozenPrompt]:
    """Return the prompts."""
    contract = load_contract()
    probes = {probe.id: probe for probe in load_probes().probe}
    return [contract.render(probes[name].task, probes[name].fields) for name in ASKED]


def measure(entry: Entry, prompts: list[FrozenPrompt], threads: int | None, cache: Path) -> Round:
    """Open one way to serve, ask it everything and close it."""
    started = perf_counter()
    with open_llama_cpp(
        entry.model,
        adapter=entry.adapter,
        serve_adapter=entry.serve_adapter,
        cache=cache,
        any_contract=True,
        threads=threads,
        prefix_mb=0,
    ) as backend:
        load_s = perf_counter() - started
        first = read = write = written = 0.0
        for prompt in prompts:
            request = GenerationRequest(prompt=prompt, decoding=DECODING, time_limit_s=PATIENCE_S)
            found = backend.generate(request)
            first += found.first_token_s
            read += found.prompt_tokens - found.reused_tokens
            write += found.total_s - found.first_token_s
            written += max(0, found.completion_tokens - 1)
    return Round(load_s, read / first, written / write if write else 0.0)


def summed(entry: Entry, rounds: list[Round]) -> dict[str, float | str]:
    """Return the medians of one way to serve."""
    return {
        "name": entry.name,
        "megabytes": round(entry.bytes / 1e6, 1),
        "load_s": round(median(one.load_s for one in rounds), 3),
        "prompt_tokens_s": round(median(one.prompt_tokens_s for one in rounds), 1),
        "written_tokens_s": round(median(one.written_tokens_s for one in rounds), 1),
    }


def show(rows: list[dict[str, float | str]]) -> None:
    """Print a Markdown table."""
    keys = list(rows[0])
    for line in [keys, ["---"] * len(keys), *([str(row[key]) for key in keys] for row in rows)]:
        print(f"| {' | '.join(line)} |")


if __name__ == "__main__":
    main()
