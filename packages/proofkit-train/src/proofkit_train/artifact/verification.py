"""Loads what will be published and reads its answers: a training that exits with 0 proves nothing by itself."""

import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from pydantic import BaseModel

from proofkit_core.drafting.desk import DECODING
from proofkit_core.faithfulness import words_kept
from proofkit_prompts import Contract
from proofkit_prompts.prompt import FrozenPrompt
from proofkit_train.artifact.asking_again import opening_after
from proofkit_train.artifact.judging import CHECKS, Judged, judge
from proofkit_train.artifact.llama import Completed, LlamaModel, open_llama
from proofkit_train.artifact.merging import write_model
from proofkit_train.artifact.probes import Probe, ProbeSet
from proofkit_train.artifact.provenance import Provenance, from_gguf
from proofkit_train.artifact.weights import open_weights
from proofkit_train.base.gguf_file import GgufFile, read_gguf
from proofkit_train.base.source import BaseSource, file_digest
from proofkit_train.errors import ModelFileError

__all__ = ["Answer", "Candidate", "Score", "Verification", "open_candidate", "verify"]

Say = Callable[[str], None]


class Candidate(NamedTuple):
    """A file that may be published, with what it is compared with."""

    path: Path
    is_adapter: bool
    provenance: Provenance
    source: BaseSource
    """Its base, whose answers must be others."""
    previous: Path | None
    """The file published before, whose answers must be others too."""
    expected: Provenance | None
    """What the file should say it was made from, where that is known."""


class Answer(BaseModel, frozen=True, strict=True, extra="forbid"):
    """One answer and what was found wrong with it."""

    probe: str
    task: str
    text: str
    tokens: int
    failed: Mapping[str, str]
    missing: tuple[str, ...]
    again: str
    """The answer to a second try, with the words it was begun with; empty where there was no need of one."""
    differs: Mapping[str, bool]
    """From `base`, and from `previous` where there is one."""


class Score(BaseModel, frozen=True, strict=True, extra="forbid"):
    """One line of the result."""

    check: str
    passed: int
    of: int
    least: float

    @property
    def share(self) -> float:
        """Return the share that passed; 1 where the check applied to nothing."""
        return self.passed / self.of if self.of else 1.0

    @property
    def holds(self) -> bool:
        """Return whether the share is high enough."""
        return self.share >= self.least


class Verification(BaseModel, frozen=True, strict=True, extra="forbid"):
    """The result."""

    file: str
    sha256: str
    probes: str
    """Digest of the probes."""
    provenance: Provenance
    problems: tuple[str, ...]
    """What the file says of itself and should not; any of them fails it."""
    untrained: tuple[str, ...]
    """Tasks it was not trained for; their probes are left out."""
    scores: tuple[Score, ...]
    answers: tuple[Answer, ...]

    @property
    def holds(self) -> bool:
        """Return whether the file may be published."""
        return not self.problems and bool(self.answers) and all(score.holds for score in self.scores)


def open_candidate(
    path: Path, source: BaseSource, *, previous: Path | None = None, expected: Provenance | None = None
) -> Candidate:
    """Read what a file says about itself.

    Args:
        path: The GGUF adapter or model.
        source: Its base.
        previous: The file published before.
        expected: What the file should say it was made from.

    Raises:
        ModelFileError: It is damaged or does not say what it was made from.
    """
    file = read_gguf(path)
    return Candidate(path, _is_adapter(file), from_gguf(file), source, previous, expected)


def verify(
    candidate: Candidate, probes: ProbeSet, contract: Contract, *, threads: int = 0, say: Say = lambda _: None
) -> Verification:
    """Ask a file the frozen probes and check its answers.

    Args:
        candidate: The file.
        probes: The questions and the thresholds.
        contract: The contract that the app renders with.
        threads: Threads to compute with; 0 for the cores that are free now.
        say: Told which file is being asked.

    Raises:
        ModelFileError: llama.cpp refuses a file.
    """
    tasks = candidate.provenance.task_digests
    asked = [probe for probe in probes.probe if probe.task in tasks]
    prompts = [contract.render(probe.task, probe.fields) for probe in asked]
    answers, again, others = _ask_all(candidate, asked, prompts, threads, say)
    judged = [judge(probe, answer, contract) for probe, answer in zip(asked, answers, strict=True)]
    differs = [
        {name: answer.text != others[name][number].text for name in others} for number, answer in enumerate(answers)
    ]
    return Verification(
        file=candidate.path.name,
        sha256=file_digest(candidate.path),
        probes=probes.digest,
        provenance=candidate.provenance,
        problems=tuple(_problems(candidate, contract)),
        untrained=tuple(task for task in contract.tasks if task not in tasks),
        scores=(*_scores(probes, judged, differs), _kept_at_last(probes, asked, answers, again)),
        answers=tuple(_answer(*found) for found in zip(asked, answers, judged, again, differs, strict=True)),
    )


def _ask_all(
    candidate: Candidate, asked: Sequence[Probe], prompts: Sequence[FrozenPrompt], threads: int, say: Say
) -> tuple[list[Completed], list[str], dict[str, list[Completed]]]:
    """Return the file's answers, those to a second try, and those of its base and of the file published before."""
    with tempfile.TemporaryDirectory(prefix="proofkit-verify-") as work:
        base = _base_file(candidate.source, Path(work))
        say(f"asking {candidate.path.name}")
        with _open(candidate.path, base, threads) as model:
            answers = [_ask(model, prompt) for prompt in prompts]
            tried = zip(asked, prompts, answers, strict=True)
            again = [_ask_again(model, prompt, opening_after(probe, prompt, a.text)) for probe, prompt, a in tried]
        others: dict[str, list[Completed]] = {}
        for name, other in (("base", base), ("previous", candidate.previous)):
            if other is not None:
                say(f"asking {other.name}")
                with _open(other, base, threads) as model:
                    # Greedy answers that begin alike are the same weights at work; more of them tells nothing.
                    others[name] = [_ask(model, p, max(1, a.tokens)) for p, a in zip(prompts, answers, strict=True)]
    return answers, again, others


def _problems(candidate: Candidate, contract: Contract) -> list[str]:
    own, source, previous = candidate.provenance, candidate.source, candidate.previous
    found = [
        f"it was trained on other bytes of the task {task} than contract {contract.version} has"
        for task, digest in own.task_digests.items()
        if task not in contract.tasks or contract.task_digest(task) != digest
    ]
    if own.base_digest != source.digest:
        found.append(f"it was trained on {own.base_name} {own.base_digest[:12]}, the base here is {source.digest[:12]}")
    if candidate.expected is not None:
        differing = [key for key, value in candidate.expected.keys().items() if own.keys().get(key) != value]
        found += [f"{key} inside the file differs from the run's" for key in differing]
    if previous is not None and file_digest(previous) == file_digest(candidate.path):
        found.append(f"it is, byte for byte, the file published before ({previous.name})")
    return found


def _scores(probes: ProbeSet, judged: Sequence[Judged], differs: Sequence[Mapping[str, bool]]) -> tuple[Score, ...]:
    least = probes.thresholds
    scores = [
        Score(
            check=check,
            passed=sum(check in one.passed for one in judged),
            of=sum(check in one.passed or check in one.failed for one in judged),
            least=getattr(least, check),
        )
        for check in CHECKS
    ]
    anchors = sum(one.anchors for one in judged)
    lost = sum(len(one.missing) for one in judged)
    scores.append(Score(check="anchors", passed=anchors - lost, of=anchors, least=least.anchors))
    for name, share in (("base", least.base), ("previous", least.previous)):
        found = [one[name] for one in differs if name in one]
        if found:
            scores.append(Score(check=f"differs from {name}", passed=sum(found), of=len(found), least=share))
    return tuple(scores)


def _kept_at_last(
    probes: ProbeSet, asked: Sequence[Probe], answers: Sequence[Completed], again: Sequence[str]
) -> Score:
    texts = [second or answer.text for answer, second in zip(answers, again, strict=True)]
    kept = [words_kept("\n".join(probe.keep), text) for probe, text in zip(asked, texts, strict=True)]
    found, total = sum(one.kept for one in kept), sum(one.total for one in kept)
    return Score(check="anchors, asked again", passed=found, of=total, least=probes.thresholds.anchors_again)


def _answer(probe: Probe, answer: Completed, judged: Judged, again: str, differs: Mapping[str, bool]) -> Answer:
    return Answer(
        probe=probe.id,
        task=probe.task,
        text=answer.text,
        tokens=answer.tokens,
        failed=judged.failed,
        missing=judged.missing,
        again=again,
        differs=differs,
    )


def _ask(model: LlamaModel, prompt: FrozenPrompt, max_tokens: int | None = None) -> Completed:
    return model.complete(
        prompt.text,
        max_tokens=max_tokens or prompt.max_tokens,
        repeat_penalty=DECODING.repeat_penalty,
        schema=prompt.output_schema,
    )


def _ask_again(model: LlamaModel, prompt: FrozenPrompt, opening: str) -> str:
    if not opening:
        return ""
    room = max(1, prompt.max_tokens - len(model.tokenize(opening)))
    rest = model.complete(prompt.text + opening, max_tokens=room, repeat_penalty=DECODING.repeat_penalty)
    return opening + rest.text


def _open(path: Path, base: Path, threads: int) -> LlamaModel:
    if _is_adapter(read_gguf(path)):
        return open_llama(base, adapter=path, threads=threads)
    return open_llama(path, threads=threads)


def _is_adapter(file: GgufFile) -> bool:
    kind = file.text("general.type", "model")
    if kind not in {"model", "adapter"}:
        raise ModelFileError(
            f"The GGUF file {str(file.path)!r} holds a {kind!r}. Expected a model or an adapter. Name another file."
        )
    return kind == "adapter"


def _base_file(source: BaseSource, work: Path) -> Path:
    if source.is_gguf:
        return source.path
    path = work / "base.gguf"
    write_model(path, source, open_weights(source), None, None, name=source.name)
    return path
