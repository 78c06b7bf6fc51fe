"""The composer as a contestant: what the template would write for the same prompts, as the app falls back to it."""

import hashlib
import json
from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable

from proofkit_core.drafting.desk import Desk, typed_text
from proofkit_core.errors import ExportRefusedError
from proofkit_core.generation import PromptKind
from proofkit_core.packet import Section, WorkSample
from proofkit_core.steps import assemble_sample, write_section, write_travel
from proofkit_core.workshop import NO_MODEL
from proofkit_eval.generating.asking import Asked
from proofkit_eval.generating.contestant import Answer, Contestant
from proofkit_eval.heldout.scene import brief_of, ledger_of, material_of
from proofkit_eval.records import ModelRef, Prompt
from proofkit_prompts import Contract

__all__ = ["WRITES_NOTHING_FOR", "composer", "template_text"]

WRITES_NOTHING_FOR = frozenset({"revise_section", "readiness_review", "scenario", "role_profile"})
"""Tasks where the app does without a text when no model answers."""
_PARTS = (".py", ".toml", ".txt", ".json")


def composer(contract: Contract) -> Contestant:
    """Return the composer. Its digest is that of the program's core, code and material alike.

    Args:
        contract: The contract of the prompts; the composer reads their material, not their text.
    """
    ref = ModelRef(
        id="composer",
        name="The template",
        artifact_digest=_core_digest(),
        family="template",
        backend="composer",
        prompt_set=f"frozen-{contract.version}",
    )

    def answer(asked: Asked) -> Answer | None:
        try:
            text = template_text(asked.prompt, contract, swap=asked.swap)
        except ExportRefusedError:  # the person would get nothing, so there is an answer without text
            return Answer("", "refused")
        return None if text is None else Answer(text, "stop", completion_tokens=len(text.split()))

    return Contestant(ref=ref, kind=PromptKind.FROZEN, decoding={}, answer=answer)


def template_text(prompt: Prompt, contract: Contract, *, swap: bool = False) -> str | None:
    """Return what the template writes for a prompt, in the form of a completion; None where it writes nothing.

    Its lists are longer than the contract lets a model's be.

    Args:
        prompt: The prompt.
        contract: The contract of the prompt.
        swap: Write for the counterfactual twin.

    Raises:
        DataError: The catalogue no longer holds what the prompt was drawn from.
        ExportRefusedError: The integrity rules refuse what it would write for this person.
    """
    if prompt.task in WRITES_NOTHING_FOR:
        return None
    material, brief = material_of(prompt, swap=swap), brief_of(prompt, swap=swap)
    desk = Desk(
        contract=contract,
        candidates=(),
        facts=ledger_of(prompt, swap=swap),
        typed=typed_text(brief),
        why_no_model=NO_MODEL,
    )
    if prompt.carrier == "section":
        return write_section(material, prompt.scene.piece, desk).markdown
    sections: list[Section] = [write_section(material, record.id, desk) for record in material.sample.sections]
    sample: WorkSample = assemble_sample(material, sections)
    travel = write_travel(material, sample, desk)
    if prompt.task == "linkedin_post":
        return travel.post.text
    if prompt.task == "resume_bullets":
        return _json({"bullets": list(travel.bullets.items)})
    points = [{"question": point.question, "answer": point.answer} for point in travel.talking_points.items]
    return _json({"points": points})


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _core_digest() -> str:
    digest = hashlib.sha256()
    for name, source in sorted(_sources(files("proofkit_core"), "")):
        content = source.read_bytes().replace(b"\r\n", b"\n")
        digest.update(f"{name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def _sources(folder: Traversable, path: str) -> Iterator[tuple[str, Traversable]]:
    for item in folder.iterdir():
        if item.is_dir() and item.name != "__pycache__":
            yield from _sources(item, f"{path}{item.name}/")
        elif item.name.endswith(_PARTS):
            yield f"{path}{item.name}", item
