"""How fast the llama.cpp backend decodes, with and without a schema, and how much a warm prefix saves.

Run it as `python benchmarks/decoding.py`. All variants take turns in one process, because on a shared machine only
ratios of neighbouring runs mean anything; the figures are medians over the rounds.

- constrained / free: tokens a second with a JSON schema over those without; goal at least 0.95.
- warm / cold: time to the first token of a further section over that of the first one; goal at most 0.2.
- llama-cpp-python's own high-level call with its own grammar stands beside it for comparison.
"""

import argparse
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from importlib import import_module
from json import dumps
from statistics import median
from time import perf_counter
from types import ModuleType
from typing import Any, NamedTuple

from workload import FIELDS, SECTIONS, story_prompt

from proofkit_core.generation import Completion, FinishReason, GenerationRequest
from proofkit_prompts import FrozenPrompt, load_contract
from proofkit_serve import LlamaCppBackend, embedded_model_path, open_llama_cpp
from proofkit_serve.backends.decoding.cores import available_cores

CONTEXT_TOKENS = 2048
TOPICS = ("a lighthouse and its keeper", "a harbour hotel at night", "a laundry with six vans")
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
SECTIONS_ASKED = ("Goal", "Risks", "Schedule")


class Case(NamedTuple):
    """One variant that takes its turn: a prompt goes in, tokens a second come out."""

    name: str
    measure: Callable[[str], float]


def main() -> None:
    """Run every variant in turn and print the medians."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--tokens", type=int, default=128)
    options = parser.parse_args()
    with open_llama_cpp(adapter=None, context_tokens=CONTEXT_TOKENS, prefix_mb=0) as backend:
        cases = [*_own_cases(backend, options.tokens), *_library_cases(options.tokens)]
        print(f"Decoding {options.tokens} tokens, {options.rounds} rounds, {available_cores()} threads")
        _report_rates(cases, list(_turns(cases, options.rounds)))
        _report_first_tokens(backend, options.rounds)


def _turns(cases: list[Case], rounds: int) -> Iterator[list[float]]:
    for case in cases:
        case.measure(TOPICS[0])  # warms caches, compiles the schema, reads the table of tokens
    for turn in range(rounds):
        topic = TOPICS[turn % len(TOPICS)]
        # The order changes, so that a slow moment of the machine does not always hit the same variant.
        order = range(len(cases)) if turn % 2 else range(len(cases) - 1, -1, -1)
        rates = {place: cases[place].measure(topic) for place in order}
        yield [rates[place] for place in range(len(cases))]


def _report_rates(cases: list[Case], turns: list[list[float]]) -> None:
    baselines = [0, 0, 2, 2]
    for place, case in enumerate(cases):
        rate = median(turn[place] for turn in turns)
        ratio = median(turn[place] / turn[baselines[place]] for turn in turns)
        print(f"  {case.name:<44} {rate:6.1f} tokens/s   {ratio:5.2f} of {cases[baselines[place]].name}")
    worst = min(turn[1] / turn[0] for turn in turns)
    print(f"  constrained / free: {median(turn[1] / turn[0] for turn in turns):.3f}, worst {worst:.3f} (goal >= 0.95)")


def _report_first_tokens(backend: LlamaCppBackend, rounds: int) -> None:
    contract = load_contract()
    prompts = [
        contract.render("draft_section", {**FIELDS, "section": name, "section_goal": SECTIONS[name]})
        for name in SECTIONS_ASKED
    ]
    cold: list[float] = []
    ratios: list[float] = []
    tokens = (0, 0)
    for _ in range(rounds):
        _complete(backend, story_prompt("nothing of the kind", None, 1))  # leaves no prefix of the contract behind
        first, *further = [_complete(backend, replace(prompt, max_tokens=4)) for prompt in prompts]
        tokens = (first.prompt_tokens, further[-1].reused_tokens)
        cold.append(first.first_token_s)
        ratios.extend(other.first_token_s / first.first_token_s for other in further)
    print(f"First token of a section, prompt of {tokens[0]} tokens, {tokens[1]} of them reused when warm")
    print(f"  cold {median(cold):.2f} s, warm {median(cold) * median(ratios):.2f} s")
    print(f"  warm / cold: {median(ratios):.3f}, worst {max(ratios):.3f} (goal <= 0.2)")


def _own_cases(backend: LlamaCppBackend, tokens: int) -> list[Case]:
    def measure(schema: dict[str, Any] | None, topic: str) -> float:
        completion = _complete(backend, story_prompt(topic, schema, tokens))
        if completion.finish_reason is not FinishReason.LENGTH:
            raise SystemExit(
                f"The run ended by {completion.finish_reason} after {completion.completion_tokens} tokens. "
                f"Expected {tokens}. Ask for fewer with --tokens."
            )
        return (completion.completion_tokens - 1) / (completion.total_s - completion.first_token_s)

    return [
        Case("ProofKit, free", partial(measure, None)),
        Case("ProofKit, JSON schema", partial(measure, SCHEMA)),
    ]


def _library_cases(tokens: int) -> list[Case]:
    library: ModuleType = import_module("llama_cpp")
    model = library.Llama(
        model_path=str(embedded_model_path()),
        n_ctx=CONTEXT_TOKENS,
        n_threads=available_cores(),
        n_threads_batch=available_cores(),
        verbose=False,
    )
    grammar = library.LlamaGrammar.from_json_schema(dumps(SCHEMA), verbose=False)

    def measure(grammar: object, topic: str) -> float:
        prompt = story_prompt(topic, None, tokens).text
        times = [
            perf_counter()
            for _ in model.create_completion(prompt, max_tokens=tokens, temperature=0.0, grammar=grammar, stream=True)
        ]
        return (len(times) - 1) / (times[-1] - times[0])

    return [
        Case("llama-cpp-python, free", partial(measure, None)),
        Case("llama-cpp-python, its own grammar", partial(measure, grammar)),
    ]


def _complete(backend: LlamaCppBackend, prompt: FrozenPrompt) -> Completion:
    return backend.generate(GenerationRequest(prompt=prompt, time_limit_s=120.0))


if __name__ == "__main__":
    main()
