"""Small logs for the tests of judges, board and report: made up, and right in form."""

import random
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from proofkit_core.brief import Brief
from proofkit_eval.judging import load_rubric
from proofkit_eval.logs import length_prefixed, sealed
from proofkit_eval.records import (
    EvalLog,
    GateResult,
    Generation,
    JudgeRef,
    Measures,
    ModelRef,
    PlannedComparison,
    Prompt,
    Scene,
    Screening,
    Spec,
    Swap,
    Verdict,
)

CONTRACT = "c" * 64
GATES = ("integrity", "heading", "fictional_context", "assumptions", "tradeoff", "length")
MadePrompt = Callable[..., Prompt]
MadeLog = Callable[..., EvalLog]


def digest(name: str) -> str:
    return length_prefixed(name.encode())


def made_prompt(number: int = 0, **changes: object) -> Prompt:
    brief = Brief(target_role="Store planner", background="I ran the stockroom of a bakery.")
    swap = Swap(old="18 shops", new="27 shops", fields={"Notes": "27 shops"}, typed="27 shops", brief=brief)
    values: dict[str, object] = {
        "id": f"p{number:03}",
        "family": "section",
        "task": "draft_section",
        "fields": {"Section": "Recommendation", "User points": "I planned rotas for 18 shops."},
        "persona": f"person-{number // 2}",
        "role": "Store planner",
        "artifact": "plan",
        "cluster": f"person-{number // 2}/plan",
        "typed": "I planned rotas for 18 shops.\nI ran the stockroom of a bakery.",
        "must_keep": ("rotas for 18 shops",),
        "facts": (),
        "company": "Marramkeld Supply",
        "swap": swap,
        "carrier": "section",
        "brief": brief,
        "scene": Scene(role_id="planner", scenario_id="loading", piece="recommendation", seed=1),
    }
    return Prompt.model_validate(values | changes)


def made_model(name: str, /, **changes: object) -> ModelRef:
    values: dict[str, object] = {
        "id": name,
        "name": name.capitalize(),
        "artifact_digest": digest(name),
        "family": "smollm",
        "backend": "file",
        "prompt_set": "frozen-v1",
    }
    return ModelRef.model_validate(values | changes)


def made_judge(name: str, family: str = "gemini") -> JudgeRef:
    return JudgeRef(id=name, family=family, version="1", artifact_digest="" if family == "human" else digest(name))


def made_generation(prompt: Prompt, model: ModelRef, text: str, **changes: object) -> Generation:
    values: dict[str, object] = {
        "key": length_prefixed(prompt.id.encode(), model.id.encode(), model.artifact_digest.encode()),
        "prompt_id": prompt.id,
        "prompt_digest": digest(prompt.id),
        "contract_digest": CONTRACT,
        "task_digest": digest("task"),
        "model": model,
        "decoding": {"temperature": 0.0},
        "seed": 0,
        "text": text,
        "finish_reason": "stop",
        "prompt_tokens": 90,
        "completion_tokens": 60,
        "seconds": 1.5,
        "swap": False,
        "made_at": datetime(2026, 11, 23, 12, tzinfo=UTC),
    }
    return Generation.model_validate(values | changes)


def made_verdict(sample: Generation, judge: JudgeRef, grade: int | None, repeat: int = 0) -> Verdict:
    rubric = load_rubric()
    return Verdict(
        key=length_prefixed(sample.key.encode(), judge.id.encode(), str(repeat).encode()),
        generation_key=sample.key,
        judge=judge,
        rubric_digest=rubric.digest,
        alias=f"R-{sample.key[:6]}",
        order=0,
        repeat=repeat,
        axes=dict.fromkeys(rubric.axis_ids, grade) if grade is not None else None,
        items=dict.fromkeys(rubric.item_ids, grade >= 3) if grade is not None else None,
        status="scored" if grade is not None else "unscored",
        reason="" if grade is not None else "no whole grade from 1 to 5 for depth",
        tokens=400,
        cost_usd=0.001,
        seconds=2.0,
    )


def made_log(
    qualities: dict[str, float],
    *,
    prompts: int = 12,
    judges: tuple[JudgeRef, ...] = (made_judge("people", "human"),),
    models: tuple[ModelRef, ...] | None = None,
    planned: tuple[PlannedComparison, ...] = (),
    seed: int = 7,
) -> EvalLog:
    """Make a log in which models answer about as well as said, from 1 to 5."""
    draw = random.Random(seed)  # noqa: S311 - figures, not secrets
    refs = models or tuple(made_model(name) for name in qualities)
    asked = tuple(made_prompt(number) for number in range(prompts))
    samples = [
        made_generation(prompt, ref, f"## Recommendation\n\nAt {prompt.company} I plan rotas for 18 shops ({ref.id}).")
        for prompt in asked
        for ref in refs
    ]
    gates: list[GateResult] = []
    measures: list[Measures] = []
    verdicts: list[Verdict] = []
    for sample in samples:
        good = draw.gauss(qualities[sample.model.id], 0.6)
        passed: dict[str, bool | None] = dict.fromkeys(GATES, good > 2)
        gates.append(GateResult(key=sample.key, gates=passed, hard_failed=not passed["integrity"], findings=()))
        recall = min(1.0, max(0.0, good / 5))
        measures.append(
            Measures(
                key=sample.key,
                anchor_recall=recall,
                missing=() if recall > 0.5 else ("rotas",),
                swap_followed=good > 3,
                unsupported=() if good > 2 else ("led a team of 9",),
                unsupported_rate=0.0 if good > 2 else 0.5,
                claims=2,
                words=40,
                template_distance=0.4,
            )
        )
        for judge in judges:
            grade = round(min(5.0, max(1.0, draw.gauss(good, 0.4))))
            verdicts.append(made_verdict(sample, judge, grade))
    spec = Spec(
        set_digest=digest("set"),
        contract_digest=CONTRACT,
        models=refs,
        judges=judges,
        rubric_digest=load_rubric().digest,
        decoding={"temperature": 0.0},
        seeds=(0,),
        comparisons=planned,
        code_version="0.1.0",
    )
    return EvalLog(
        spec=sealed(spec),
        prompts=asked,
        samples=tuple(samples),
        screenings=tuple(Screening(key=each.key, status="ok", reasons=(), text=each.text, diff="") for each in samples),
        gates=tuple(gates),
        measures=tuple(measures),
        verdicts=tuple(verdicts),
        results={},
        statistics={},
    )


@pytest.fixture(scope="session")
def make_prompt() -> MadePrompt:
    """Makes a held-out prompt; by number, and any field as wanted."""
    return made_prompt


@pytest.fixture(scope="session")
def make_model() -> Callable[..., ModelRef]:
    """Makes a model by its id."""
    return made_model


@pytest.fixture(scope="session")
def make_judge() -> Callable[..., JudgeRef]:
    """Makes a judge by its id and family."""
    return made_judge


@pytest.fixture(scope="session")
def make_generation() -> Callable[..., Generation]:
    """Makes an answer of a model to a prompt."""
    return made_generation


@pytest.fixture(scope="session")
def make_verdict() -> Callable[..., Verdict]:
    """Makes a verdict with one grade for all axes, or an unscored one."""
    return made_verdict


@pytest.fixture(scope="session")
def make_log() -> MadeLog:
    """Makes a whole log from how good each model is."""
    return made_log
