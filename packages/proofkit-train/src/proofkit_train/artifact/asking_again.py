"""Asks for a text again where it lost what the person typed, as the app does: it begins with what was lost."""

from proofkit_core.faithfulness import words_kept
from proofkit_core.wording import prose, sentences
from proofkit_prompts import OutputKind
from proofkit_prompts.prompt import FrozenPrompt
from proofkit_train.artifact.probes import Probe

__all__ = ["opening_after"]


def opening_after(probe: Probe, prompt: FrozenPrompt, text: str) -> str:
    """Return what the next answer begins with; empty where nothing was lost, or a schema fixes how answers begin.

    Args:
        probe: The question.
        prompt: The question as the contract renders it.
        text: The answer.
    """
    if prompt.output is not OutputKind.MARKDOWN:
        return ""
    lost = [kept for kept in probe.keep if words_kept(kept, text).missing]
    draft = probe.fields.get("draft")
    if isinstance(draft, str):
        # A rewritten text gets the sentences back that held what was lost.
        lost = [line for line in sentences(draft) if any(not words_kept(kept, line).missing for kept in lost)]
    return " ".join(map(prose, lost))
