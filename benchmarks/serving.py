"""How fast the service is, as ratios from one run. Run it as `python benchmarks/serving.py`.

Each pair of variants takes turns, because on a shared machine only ratios of neighbouring runs mean anything; the
figures are medians over the rounds.

- tokens: our llama.cpp backend at 1 and 4 clients, free and with a JSON schema, against llama-cpp-python's own
  high-level call with its own grammar and, with --llama-server, against llama.cpp's own server; with the same weights
  and prompts, prompts included. Goal with JSON: 1.7 times the high-level call.
- prefixes: time to the first token with nothing evaluated, after a warm-up, and for a further section of one of several
  sessions that take turns; and how much of their prompts was reused.
- api: the OpenAI-compatible route of a running server against the backend here, with the same prompt and decoding.
  Goals: first token 5 ms later or less, 0.97 of the tokens a second or more. Needs --base-url, and the same model on
  that server.
- load: 50 clients of the sessions API with the template: requests a second, and the time that 99 % stay below. Needs
  --base-url.
"""

import argparse
import asyncio
import json
import os
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from itertools import cycle
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter
from typing import Any

import httpx
from serving_tokens import Figures, measure_tokens
from workload import FIELDS, SECTIONS

from proofkit_core.generation import Completion, Decoding, GenerationRequest
from proofkit_prompts import FrozenPrompt, load_contract
from proofkit_serve import LlamaCppBackend, open_llama_cpp
from proofkit_serve.backends.decoding.cores import available_cores

CONTEXT_TOKENS = 2048
SESSIONS = 6
LOAD_CLIENTS, LOAD_S = 50, 20.0
ROLES = ("Project manager", "Data analyst", "UX researcher", "Risk officer", "Office manager", "Service designer")


def main() -> None:
    """Run what was asked for, print it, and write it where that was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--tokens", type=int, default=96)
    parser.add_argument("--llama-server", default="", help="a llama-server program to compare with, too")
    parser.add_argument("--base-url", default="", help="a running server, such as http://127.0.0.1:8000")
    parser.add_argument("--model", default="", help="the model's id on that server; empty for the first it lists")
    parser.add_argument("--key-env", default="PROOFKIT_BENCH_KEY", help="environment variable with its API key, if any")
    parser.add_argument("--only", choices=("tokens", "prefixes", "api", "load"), action="append")
    parser.add_argument("--json", type=Path, help="also write the figures there")
    options = parser.parse_args()
    wanted = options.only or ["tokens", "prefixes", *(["api", "load"] if options.base_url else [])]
    figures: dict[str, Figures] = {}
    if "tokens" in wanted:
        figures["tokens"] = measure_tokens(options.rounds, options.tokens, options.llama_server)
    if "prefixes" in wanted:
        figures["prefixes"] = measure_prefixes()
    with _client(options.base_url, os.environ.get(options.key_env, "")) as client:
        if "api" in wanted:
            figures["api"] = measure_api(client, options.model, options.rounds, options.tokens)
        if "load" in wanted:
            figures["load"] = asyncio.run(measure_load(client))
    if options.json:
        record = {"cores": available_cores(), "rounds": options.rounds, "figures": figures}
        options.json.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")


def measure_prefixes() -> Figures:
    """Measure the first token with a cold prefix, after a warm-up, and with sessions that take turns."""
    sessions = [_section_prompts(role) for role in ROLES[:SESSIONS]]
    with open_llama_cpp(adapter=None, prefix_mb=0) as backend:
        cold = [_first_token(backend, prompts[0]) for prompts in sessions]
    with open_llama_cpp(adapter=None) as backend:
        started = perf_counter()
        backend.warm_up().wait()
        warm_up_s = perf_counter() - started
        first = [_first_token(backend, prompts[0]) for prompts in sessions]
        further = [_first_token(backend, prompts[turn]) for turn in range(1, len(SECTIONS)) for prompts in sessions]
        reuse, memory = backend.reuse(), backend.memory()
    figures = {
        "cold first token, s": median(cold),
        "first section after a warm-up, s": median(first),
        "further section, sessions in turn, s": median(further),
        "further / cold": median(further) / median(cold),
        "reused of all prompt tokens": reuse.reused_tokens / reuse.prompt_tokens,
        "warm-up, s": warm_up_s,
        "copies, MB": memory.prefixes / 1e6,
        "context, MB": memory.context / 1e6,
        "model, MB": memory.model / 1e6,
        "process, MB": (memory.process or 0) / 1e6,
    }
    print(f"Prefixes, {SESSIONS} sessions in turn, {len(SECTIONS)} sections each")
    for name, value in figures.items():
        print(f"  {name:<40} {value:8.3f}")
    return figures


def _section_prompts(role: str) -> list[FrozenPrompt]:
    contract = load_contract()
    fields = {**FIELDS, "target_role": role}
    prompts = [
        contract.render("draft_section", {**fields, "section": name, "section_goal": goal})
        for name, goal in SECTIONS.items()
    ]
    return [replace(prompt, max_tokens=4) for prompt in prompts]


def _first_token(backend: LlamaCppBackend, prompt: FrozenPrompt) -> float:
    completion: Completion = backend.generate(GenerationRequest(prompt=prompt, time_limit_s=300.0))
    return completion.first_token_s


def measure_api(client: httpx.Client, model: str, rounds: int, tokens: int) -> Figures:
    """Compare a server's streamed completions with the backend here."""
    model = model or client.get("/v1/models").raise_for_status().json()["data"][0]["id"]
    bare: list[tuple[float, float]] = []
    served: list[tuple[float, float]] = []
    with open_llama_cpp(context_tokens=CONTEXT_TOKENS) as backend:
        for turn in range(rounds + 1):
            prompt = replace(_section_prompts(ROLES[0])[0], max_tokens=tokens)
            pair = [partial(_streamed_here, backend, prompt), partial(_streamed_there, client, model, prompt)]
            results = {place: pair[place]() for place in ((0, 1) if turn % 2 else (1, 0))}
            if turn:  # the first one warms both
                bare.append(results[0])
                served.append(results[1])
    later = [1000 * (there[0] - here[0]) for here, there in zip(bare, served, strict=True)]
    ratios = [there[1] / here[1] for here, there in zip(bare, served, strict=True)]
    low, ratio, high = quantiles(ratios, n=4, method="inclusive")
    figures = {
        "first token later, ms": median(later),
        "tokens a second, ratio": ratio,
        "tokens a second, ratio, lower quartile": low,
        "tokens a second, ratio, upper quartile": high,
    }
    print(
        f"API over the bare backend: first token {median(later):+.1f} ms (goal 5), {ratio:.3f} of the rate (goal 0.97; "
        f"half of {rounds} rounds lie in {low:.3f} to {high:.3f})"
    )
    return figures


def _streamed_here(backend: LlamaCppBackend, prompt: FrozenPrompt) -> tuple[float, float]:
    times: list[float] = []
    request = GenerationRequest(prompt=prompt, time_limit_s=300.0)
    started = perf_counter()
    completion = backend.generate(request, on_text=lambda _: times.append(perf_counter()))
    return _pace(started, times, completion.completion_tokens)


def _streamed_there(client: httpx.Client, model: str, prompt: FrozenPrompt) -> tuple[float, float]:
    messages = [{"role": "system", "content": prompt.system}, {"role": "user", "content": prompt.user}]
    body = {
        "model": model,
        "messages": messages,
        "max_tokens": prompt.max_tokens,
        "temperature": 0,
        "repeat_penalty": Decoding().repeat_penalty,  # the address has another default, which makes another text
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    times: list[float] = []
    tokens = 0
    started = perf_counter()
    with client.stream("POST", "/v1/chat/completions", json=body) as response:
        if not response.is_success:
            raise SystemExit(f"The server answered {response.status_code}: {response.read()[:300]!r}.")
        for line in response.iter_lines():
            chunk: dict[str, Any] = json.loads(line.removeprefix("data: ")) if line.startswith("data: {") else {}
            if any(choice["delta"].get("content") for choice in chunk.get("choices", ())):
                times.append(perf_counter())
            if chunk.get("usage"):
                tokens = int(chunk["usage"]["completion_tokens"])
    return _pace(started, times, tokens)


def _pace(started: float, times: Sequence[float], tokens: int) -> tuple[float, float]:
    """Return the seconds to the first piece, which is one token, and the tokens a second from there to the last."""
    if len(times) < 2:  # noqa: PLR2004 - two make a pace
        raise SystemExit(f"Got {len(times)} pieces of text. Expected a longer answer. Ask for more tokens.")
    return times[0] - started, (tokens - 1) / (times[-1] - times[0])


async def measure_load(client: httpx.Client) -> Figures:
    """Let clients make, read and change sessions, and have whole packets made by the template."""
    times: dict[str, list[float]] = {"create": [], "read": [], "change": [], "packet": []}
    ends_at = perf_counter() + LOAD_S
    limits = httpx.Limits(max_connections=LOAD_CLIENTS, max_keepalive_connections=LOAD_CLIENTS)
    async with httpx.AsyncClient(
        base_url=client.base_url, headers=client.headers, timeout=60.0, limits=limits
    ) as shared:
        started = perf_counter()
        await asyncio.gather(*[_one_client(shared, number, ends_at, times) for number in range(LOAD_CLIENTS)])
        taken = perf_counter() - started
    quick = [seconds for kind in ("create", "read", "change") for seconds in times[kind]]
    figures = {
        "requests a second": sum(map(len, times.values())) / taken,
        "packets a second": len(times["packet"]) / taken,
        "p50 of create, read, change, ms": 1000 * median(quick),
        "p99 of create, read, change, ms": 1000 * quantiles(quick, n=100)[98],
        "p50 of a packet, ms": 1000 * median(times["packet"]),
        "p99 of a packet, ms": 1000 * quantiles(times["packet"], n=100)[98],
    }
    print(f"Load: {LOAD_CLIENTS} clients, template, {taken:.0f} s")
    for name, value in figures.items():
        print(f"  {name:<40} {value:8.1f}")
    return figures


async def _one_client(client: httpx.AsyncClient, number: int, ends_at: float, times: dict[str, list[float]]) -> None:
    async def timed(kind: str, method: str, path: str, **given: Any) -> httpx.Response:  # noqa: ANN401 - httpx's own
        started = perf_counter()
        response = await client.request(method, path, **given)
        times[kind].append(perf_counter() - started)
        return response.raise_for_status()

    for count in cycle(range(10_000)):
        token = f"token {number}-{count}"
        goal = {"target_role": ROLES[number % len(ROLES)], "background": f"{FIELDS['background']} {token}"}
        made = await timed("create", "POST", "/v1/sessions", json={"model": "template", "goal": goal})
        address = made.headers["location"]
        read = await timed("read", "GET", address)
        if token not in read.text:
            raise SystemExit(f"The session {address} does not hold its own {token!r}.")
        tag = {"If-Match": read.headers["etag"]}
        await timed("change", "PATCH", address, json={"notes": [f"a point of {token}"]}, headers=tag)
        packet = await timed(
            "packet",
            "POST",
            f"{address}/generations",
            json={"kind": "packet"},
            headers={"Accept": "text/event-stream"},
        )
        if "event: result" not in packet.text:
            raise SystemExit(f"The packet of {address} did not come: {packet.text[-300:]!r}.")
        if perf_counter() >= ends_at:
            return


@contextmanager
def _client(base_url: str, key: str) -> Generator[httpx.Client]:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    with httpx.Client(base_url=base_url, headers=headers, timeout=300.0) as client:
        yield client


if __name__ == "__main__":
    main()
