"""Examines each model of a registry, one after the other."""

import os
import platform
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from importlib.metadata import version
from typing import NamedTuple

from proofkit_core.errors import GenerationError
from proofkit_core.generation import PromptKind
from proofkit_prompts import Contract, render_editable
from proofkit_prompts.prompt import EditablePrompt, FrozenPrompt
from proofkit_serve.backends.http.probing import probe_cancel, probe_schema, probe_speed
from proofkit_serve.backends.local import LocalBackend
from proofkit_serve.doctor.report import CapabilityReport, Check, CheckName, ModelReport, Outcome
from proofkit_serve.doctor.servers import check_servers, check_template
from proofkit_serve.registry import BackendName, ModelSpec, Registry
from proofkit_serve.registry.lazy import OpenBackend

__all__ = ["examine"]

_TASK = "linkedin_post"
_FIELDS = {
    "target_role": "Project manager (entry level)",
    "company": "Larkmoor Freight",
    "work_sample": "Risk plan for the new night shift scanners",
}
"""Harmless, and long enough for an answer that can be timed and cancelled."""
_STEPS: tuple[CheckName, ...] = ("contract", "open", "reachable", "template", "answer", "schema", "cancel")
_ASKING = frozenset({"answer", "schema", "cancel"})
_NEEDED = frozenset({"contract", "open", "reachable", "template", "answer"})
"""Without these a model cannot be used. Where a schema is not enforced, answers are checked all the same."""


def examine(
    registry: Registry,
    contract: Contract,
    *,
    now: Callable[[], datetime],
    ids: tuple[str, ...] = (),
    checks: tuple[CheckName, ...] = _STEPS,
    clock: Callable[[], float] = time.monotonic,
    on_model: Callable[[ModelSpec], object] = lambda _: None,
) -> CapabilityReport:
    """Try out each model: may it be asked, is it there, does it answer, does it keep to a schema, does it stop.

    Args:
        registry: The models; they are opened if they are not yet.
        contract: The frozen prompts.
        now: The time of day, for the record.
        ids: Only these models; empty for all.
        checks: Only these checks.
        clock: Seconds that only go forward.
        on_model: Told each model before it is tried.

    Returns:
        What was found.

    Raises:
        InputError: There is no model of such an id.
    """
    for name in ids:
        registry.require(name)
    found: list[ModelReport] = []
    for spec in registry.specs:
        if ids and spec.id not in ids:
            continue
        on_model(spec)
        found.append(_Examination(registry, contract, spec, clock, checks).run())
    return CapabilityReport(
        product_version=version("proofkit-serve"),
        contract=contract.version,
        contract_digest=contract.digest,
        made_at=now().isoformat(timespec="seconds"),
        machine=f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        models=tuple(found),
    )


class _Seen(NamedTuple):
    """What one check found, beside its sentence."""

    told: str
    outcome: Outcome = Outcome.OK
    figures: dict[str, object] = {}  # noqa: RUF012 - never changed, as nothing in a tuple is


class _Examination:
    """One model on its way through the checks."""

    def __init__(
        self,
        registry: Registry,
        contract: Contract,
        spec: ModelSpec,
        clock: Callable[[], float],
        wanted: tuple[CheckName, ...],
    ) -> None:
        self._registry, self._contract, self._spec, self._clock = registry, contract, spec, clock
        self._wanted = wanted
        self._backend: OpenBackend | None = None
        self._apart: OpenBackend | None = None
        self._figures: dict[str, object] = {}
        self._mark = ""

    def run(self) -> ModelReport:
        spec = self._spec
        checks = () if spec.backend is BackendName.TEMPLATE else tuple(self._checks())
        failed = {check.name for check in checks if check.outcome is Outcome.FAILED}
        backend = self._backend
        if self._apart is not None:
            self._apart.close()
        return ModelReport.model_validate(
            {
                "id": spec.id,
                "name": spec.shown_name,
                "backend": spec.backend,
                "prompts": spec.prompts,
                "usable": not failed & _NEEDED,
                "mark": self._mark,
                "identity": backend.identity if backend else None,
                "checks": checks,
                "memory": backend.memory() if isinstance(backend, LocalBackend) else None,
                **self._figures,
            }
        )

    def _checks(self) -> Iterator[Check]:
        steps: dict[CheckName, Callable[[], _Seen]] = {
            "contract": self._greet,
            "open": self._open,
            "reachable": self._reach,
            "template": self._compare_template,
            "answer": self._answer,
            "schema": self._force_schema,
            "cancel": self._stop,
        }
        ended = ""
        for name in self._wanted:
            if ended:
                told = f"Not tried, because of the check {ended!r}."
                yield Check(name=name, outcome=Outcome.SKIPPED, told=told)
                continue
            if self._spec.token_from_caller and name in _ASKING:
                told = "Asked with each caller's own token, and there is no caller here."
                yield Check(name=name, outcome=Outcome.SKIPPED, told=told)
                continue
            started = self._clock()
            try:
                seen = steps[name]()
            except GenerationError as error:
                seen = _Seen(str(error), Outcome.FAILED)
            self._figures |= seen.figures
            yield Check(name=name, outcome=seen.outcome, told=seen.told, seconds=round(self._clock() - started, 3))
            if seen.outcome is Outcome.FAILED and name in _NEEDED:
                ended = name

    def _greet(self) -> _Seen:
        self._mark = self._registry.greeting(self._spec.id).mark
        if self._mark:
            return _Seen(f"Asked all the same: {self._mark}.")
        if self._spec.prompts is PromptKind.EDITABLE:
            return _Seen("A large general model, asked with the editable prompts.")
        return _Seen(f"Trained on contract {self._contract.version}, by its digests.")

    def _open(self) -> _Seen:
        self._backend = self._registry.open(self._spec.id)
        return _Seen("Open.")

    def _reach(self) -> _Seen:
        if self._spec.backend is not BackendName.OPENAI_COMPATIBLE:
            return _Seen("Nothing to reach by itself.", Outcome.SKIPPED)
        found = check_servers(self._registry, self._spec)
        if found.there:  # the rest is about the model, so it is asked of a server that is there
            self._backend = self._apart = self._registry.open_server(self._spec.id, found.there)
        return _Seen(found.told, found.outcome)

    def _compare_template(self) -> _Seen:
        if self._spec.backend is not BackendName.OPENAI_COMPATIBLE or self._spec.prompts is PromptKind.EDITABLE:
            return _Seen("No other template comes between.", Outcome.SKIPPED)
        found = check_template(self._opened(), self._spec, self._contract.render(_TASK, _FIELDS))
        return _Seen(found.told, found.outcome)

    def _answer(self) -> _Seen:
        probe = probe_speed(self._opened(), self._prompt())
        figures: dict[str, object] = {
            "first_token_s": round(probe.first_token_s, 3),
            "tokens_per_s": round(probe.tokens_per_s, 1),
        }
        allowed = self._spec.limits.first_token_s
        if probe.first_token_s > allowed:
            told = (
                f"Its first token came after {probe.first_token_s:.1f} s; with first_token_s = {allowed:g} it is given "
                f"up before. Raise that limit, or give the model a quicker machine."
            )
            return _Seen(told, Outcome.PARTLY, figures)
        return _Seen(f"Wrote {probe.completion_tokens} tokens.", figures=figures)

    def _force_schema(self) -> _Seen:
        if self._spec.capabilities.json_mode != "schema":
            told = "No schema is sent to it; answers are checked when they come."
            return _Seen(told, Outcome.SKIPPED, {"schema_enforced": False})
        probe = probe_schema(self._opened(), self._prompt())
        if probe.enforced:
            return _Seen("A form that no model writes by itself was kept to.", figures={"schema_enforced": True})
        return _Seen(
            f"It takes a schema and does not keep to it: it wrote {probe.got!r}. Answers are checked all the same. Set "
            f"'json_mode' to 'prompted', or use a server that enforces schemas.",
            Outcome.FAILED,
            {"schema_enforced": False},
        )

    def _stop(self) -> _Seen:
        probe = probe_cancel(self._opened(), self._prompt())
        figures: dict[str, object] = {"cancel_s": round(probe.seconds, 3)}
        if probe.works:
            return _Seen("A call ends as soon as it is cancelled.", figures=figures)
        told = f"A cancelled call ended after {probe.seconds:.2f} s, or not by being cancelled. Expected 0.2 s at most."
        return _Seen(told, Outcome.FAILED, figures)

    def _opened(self) -> OpenBackend:
        return self._backend or self._registry.open(self._spec.id)

    def _prompt(self) -> FrozenPrompt | EditablePrompt:
        if self._spec.prompts is PromptKind.EDITABLE:
            return render_editable(_TASK, _FIELDS, contract=self._contract)
        return self._contract.render(_TASK, _FIELDS)
