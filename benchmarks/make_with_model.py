"""Compares a whole `make` with the model to raw llama.cpp decoding of the same prompts and the same tokens.

    uv run python benchmarks/make_with_model.py

One run records the model's calls, then three are timed in turn: `make` as a process of its own, start and exports
included; and a bare loop over llama.cpp's `eval` on the recorded calls, with the prefix that two prompts share kept, no
masks, no checks, no exports. Goal: a ratio of 1.15 or less.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from listening import Listener

from proofkit_core.brief_file import load_brief
from proofkit_core.generation import Candidate
from proofkit_core.making import Workshop, make_packet
from proofkit_core.roles.catalog import load_catalogue
from proofkit_core.roles.index import build_index
from proofkit_prompts import load_contract, require_frozen
from proofkit_serve import open_llama_cpp

BRIEF = Path(__file__).parents[1] / "examples" / "career-changer.toml"
GOAL = 1.15

REPLAY = """
import json, sys, time
import numpy as np
from llama_cpp import Llama
from proofkit_serve import embedded_model_path
calls = json.load(open(sys.argv[1]))
llama = Llama(str(embedded_model_path()), n_ctx=4096, n_threads=int(sys.argv[2]), n_threads_batch=int(sys.argv[2]),
              verbose=False, n_batch=512)
started = time.perf_counter()
held = []
for call in calls:
    tokens = llama.tokenize(call["text"].encode(), add_bos=False, special=True)
    shared = 0
    while shared < min(len(held), len(tokens) - 1) and held[shared] == tokens[shared]:
        shared += 1
    llama.n_tokens = shared
    llama._ctx.kv_cache_seq_rm(-1, shared, -1)
    llama.eval(tokens[shared:])
    written = []
    for _ in range(call["count"]):
        token = int(np.argmax(llama._scores[-1]))
        written.append(token)
        llama.eval([token])
    held = [*tokens, *written]
print(time.perf_counter() - started)
"""


def record() -> list[dict[str, object]]:
    """Return the calls that one packet makes."""
    loaded = load_brief(BRIEF)
    with open_llama_cpp() as backend:
        listener = Listener(backend)
        workshop = Workshop(
            contract=load_contract("v1"),
            index=build_index(load_catalogue()),
            product_version="bench",
            candidates=(Candidate(listener),),
        )
        make_packet(loaded.brief, workshop)
    return [
        {"text": require_frozen(call.request.prompt).text, "count": call.completion.completion_tokens}
        for call in listener.calls
    ]


def main() -> None:
    """Print the ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    calls = record()
    ratios: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "calls.json"
        file.write_text(json.dumps(calls), encoding="utf-8")
        for run in range(args.runs):
            started = time.perf_counter()
            command = [
                sys.executable,
                "-m",
                "proofkit_ui.cli",
                "make",
                str(BRIEF),
                "--quiet",
                "--out",
                f"{folder}/{run}",
            ]
            subprocess.run(command, check=True)
            whole = time.perf_counter() - started
            replay = [sys.executable, "-c", REPLAY, str(file), str(args.threads)]
            raw = float(subprocess.run(replay, check=True, capture_output=True, text=True).stdout)
            ratios.append(whole / raw)
            print(f"  make {whole:.1f} s, raw decoding {raw:.1f} s, ratio {whole / raw:.2f}")
    tokens = sum(int(str(call["count"])) for call in calls)
    print(f"{len(calls)} calls, {tokens} tokens: median ratio {statistics.median(ratios):.2f} (goal {GOAL})")


if __name__ == "__main__":
    main()
