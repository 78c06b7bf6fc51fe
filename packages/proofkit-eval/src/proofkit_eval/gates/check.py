"""Checks one answer against the house rules."""

from proofkit_core.integrity import Carrier
from proofkit_eval.gates import rules
from proofkit_eval.gates.facts import carrier_of, quoted_in
from proofkit_eval.gates.integrity import Claims, read_claims
from proofkit_eval.gates.reading import read_answer
from proofkit_eval.heldout.scene import ledger_of
from proofkit_eval.records import GateResult, Prompt
from proofkit_prompts import Contract

__all__ = ["GATES", "HARD", "check_gates"]

GATES = ("integrity", "form", "heading", "fictional_context", "assumptions", "tradeoff", "disclosure", "length")
"""In the order of the board."""
HARD = frozenset({"integrity"})
"""What no other gate makes up for."""
_TRAVELS = frozenset({Carrier.POST, Carrier.BULLET})


def check_gates(
    key: str, prompt: Prompt, text: str, contract: Contract, *, swap: bool = False, composed: bool = False
) -> GateResult:
    """Return which house rules an answer keeps. An answer without text keeps none that is asked of it.

    Args:
        key: The generation's.
        prompt: What was asked.
        text: The answer after screening; empty where it is void.
        contract: The contract that rendered the prompt.
        swap: Whether the counterfactual twin was asked.
        composed: Whether the composer wrote it, which reads no prompt: neither form nor length is asked of it.
    """
    answer = read_answer(prompt, text, contract)
    carrier = carrier_of(prompt)
    claims = read_claims(answer.texts, ledger_of(prompt, swap=swap), carrier, quoted=quoted_in(prompt))
    said: dict[str, str | None] = {
        "integrity": _integrity(claims),
        "form": None if composed else rules.form(prompt, answer, contract),
        "heading": rules.heading(prompt, text, contract),
        "fictional_context": rules.fictional_context(prompt, answer, swap=swap),
        "assumptions": rules.assumptions(prompt, answer, [each.quote for each in claims.unlabelled]),
        "tradeoff": rules.tradeoff(prompt, answer),
        "disclosure": None if carrier not in _TRAVELS else _disclosure(claims),
        "length": None if composed else rules.length(prompt, answer, contract),
    }
    if not answer.texts:
        said = {gate: None if told is None else "there is no text" for gate, told in said.items()}
    gates = {gate: None if said[gate] is None else not said[gate] for gate in GATES}
    return GateResult(
        key=key,
        gates=gates,
        hard_failed=any(gates[gate] is False for gate in HARD),
        findings=tuple(f"{gate}: {said[gate]}" for gate in GATES if said[gate]),
    )


def _integrity(claims: Claims) -> str:
    if claims.real_life:
        worst = claims.real_life[0]
        return f"{worst.rule}: {worst.quote!r} ({worst.reason})"
    if claims.blocked:
        return claims.blocked[0]
    return f"neither the person nor the exercise says {claims.loose!r}" if claims.loose else ""


def _disclosure(claims: Claims) -> str:
    return "it travels without saying that it is simulated" if claims.undisclosed else ""
