"""Tokens a second out of the same weights for the same prompts: here, from the binding's own call, from llama-server.

`serving.py` runs this as its part `tokens`.
"""

import json
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from importlib import import_module
from statistics import median
from time import perf_counter
from types import ModuleType
from typing import Any, NamedTuple

import httpx
from workload import story_prompt

from proofkit_core.generation import FinishReason, GenerationRequest
from proofkit_prompts import FrozenPrompt
from proofkit_serve import LlamaCppBackend, embedded_model_path, open_llama_cpp
from proofkit_serve.backends.decoding.cores import available_cores

__all__ = ["Figures", "measure_tokens"]

CONTEXT_TOKENS = 2048
CLIENTS = (1, 4)
START_S = 60.0
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "title": {"type": "string", "minLength": 8, "maxLength": 60},
        # Strings this long are never all written within the cap, so the run is as long as the free one.
        "chapters": {"type": "array", "minItems": 9, "maxItems": 9, "items": {"type": "string", "minLength": 300}},
    },
    "required": ["title", "chapters"],
    "additionalProperties": False,
}
Figures = dict[str, float]


class Case(NamedTuple):
    """One variant that takes its turn: a number of clients goes in, tokens a second of all together come out."""

    name: str
    measure: Callable[[int], float]


def measure_tokens(rounds: int, tokens: int, server: str = "") -> Figures:
    """Compare our backend with the library's own call and, where there is one, with llama.cpp's own server.

    Args:
        rounds: How often each takes its turn.
        tokens: How many to write each time.
        server: A llama-server program; empty for none.
    """
    figures: Figures = {}
    with ExitStack() as stack:
        backend = stack.enter_context(open_llama_cpp(adapter=None, context_tokens=CONTEXT_TOKENS))
        cases = [*_own_cases(backend, tokens), *_library_cases(tokens)]
        if server:
            cases += _server_cases(stack.enter_context(_llama_server(server)), tokens)
        for case in cases:
            case.measure(1)  # warms caches, compiles the schema, reads the table of tokens
        for clients in CLIENTS:
            turns: list[list[float]] = []
            for turn in range(rounds):
                # The order changes, so that a slow moment of the machine does not always hit the same variant.
                order = range(len(cases)) if turn % 2 else range(len(cases) - 1, -1, -1)
                rates = {place: cases[place].measure(clients) for place in order}
                turns.append([rates[place] for place in range(len(cases))])
            figures |= _told_rates(cases, turns, clients)
    return figures


def _told_rates(cases: Sequence[Case], turns: Sequence[Sequence[float]], clients: int) -> Figures:
    told: Figures = {}
    print(f"{clients} client{'s' if clients > 1 else ''}, tokens a second together")
    for place, case in enumerate(cases):
        told[f"{case.name} at {clients}"] = median(turn[place] for turn in turns)
        print(f"  {case.name:<36} {told[f'{case.name} at {clients}']:7.1f}")
    for other, name in ((2, "llama-cpp-python"), (4, "llama-server")):
        for place, kind in enumerate(("free", "json")):
            if other < len(cases):
                ratios = [turn[place] / turn[other + place] for turn in turns]
                told[f"ratio to {name}, {kind} at {clients}"] = median(ratios)
                print(f"  ours / {name + ', ' + kind:<29} {median(ratios):7.2f}   worst {min(ratios):.2f}")
    return told


def _own_cases(backend: LlamaCppBackend, tokens: int) -> list[Case]:
    def complete(schema: dict[str, Any] | None, client: int) -> int:
        request = GenerationRequest(prompt=_story_prompt(client, schema, tokens), time_limit_s=300.0)
        done = backend.generate(request, requester=str(client))
        if done.finish_reason is not FinishReason.LENGTH:
            raise SystemExit(f"The run ended by {done.finish_reason}. Expected {tokens} tokens. Ask for fewer.")
        return done.completion_tokens

    return [
        Case("ProofKit, free", partial(_rate, partial(complete, None))),
        Case("ProofKit, JSON schema", partial(_rate, partial(complete, SCHEMA))),
    ]


def _library_cases(tokens: int) -> list[Case]:
    library: ModuleType = import_module("llama_cpp")
    cores = available_cores()
    model = library.Llama(
        model_path=str(embedded_model_path()),
        n_ctx=CONTEXT_TOKENS,
        n_threads=cores,
        n_threads_batch=cores,
        verbose=False,
    )
    grammar = library.LlamaGrammar.from_json_schema(json.dumps(SCHEMA), verbose=False)
    one_at_a_time = threading.Lock()  # two threads at once crash it

    def complete(grammar: object, client: int) -> int:
        prompt = _story_prompt(client, None, tokens).text
        with one_at_a_time:
            done = model.create_completion(prompt, max_tokens=tokens, temperature=0.0, grammar=grammar)
        return int(done["usage"]["completion_tokens"])

    return [
        Case("llama-cpp-python, free", partial(_rate, partial(complete, None))),
        Case("llama-cpp-python, its own grammar", partial(_rate, partial(complete, grammar))),
    ]


@contextmanager
def _llama_server(program: str) -> Generator[httpx.Client]:
    """Run llama.cpp's own server on the same weights, with a place for each client."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    places, threads = str(max(CLIENTS)), str(available_cores())
    room = str(max(CLIENTS) * CONTEXT_TOKENS)
    command = [program, "-m", str(embedded_model_path()), "--port", port, "-c", room, "-np", places, "-t", threads]
    with (
        subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process,
        httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=300.0) as client,
    ):
        try:
            _wait_until_healthy(client)
            yield client
        finally:
            process.kill()


def _wait_until_healthy(client: httpx.Client) -> None:
    ends_at = perf_counter() + START_S
    while perf_counter() < ends_at:
        try:
            if client.get("/health").is_success:
                return
        except httpx.TransportError:
            pass  # it does not listen yet
        time.sleep(0.1)
    raise SystemExit(f"llama-server was not healthy after {START_S:.0f} s. Start it by hand to see why.")


def _server_cases(client: httpx.Client, tokens: int) -> list[Case]:
    def complete(schema: dict[str, Any] | None, number: int) -> int:
        prompt = _story_prompt(number, None, tokens).text
        asked = {"prompt": prompt, "n_predict": tokens, "temperature": 0.0, "cache_prompt": True}
        answer = client.post("/completion", json=asked | ({"json_schema": schema} if schema else {}))
        return int(answer.raise_for_status().json()["tokens_predicted"])

    return [
        Case("llama-server, free", partial(_rate, partial(complete, None))),
        Case("llama-server, JSON schema", partial(_rate, partial(complete, SCHEMA))),
    ]


def _rate(complete: Callable[[int], int], clients: int) -> float:
    """Return the tokens a second of all clients together."""
    counts: list[int] = []

    def ask(client: int) -> None:
        counts.append(complete(client))

    threads = [threading.Thread(target=ask, args=(client,)) for client in range(clients)]
    started = perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / (perf_counter() - started)


def _story_prompt(client: int, schema: dict[str, Any] | None, tokens: int) -> FrozenPrompt:
    topics = ("a lighthouse and its keeper", "a harbour hotel at night", "a laundry with six vans", "a ferry in fog")
    return story_prompt(topics[client % len(topics)], schema, tokens)
