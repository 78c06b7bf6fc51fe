"""Measures one answer: anchors kept, the swap, claims that nothing carries, how much of it is recited."""

from proofkit_core.faithfulness import words_kept
from proofkit_core.integrity import FactLedger
from proofkit_core.ledger import trace
from proofkit_core.ledger.carriers import DRAFT_CARRIER
from proofkit_core.packet import EntryType, LedgerEntry, SourceKind
from proofkit_eval.faithfulness.distance import KnownRuns, template_distance
from proofkit_eval.faithfulness.runs import plain_words
from proofkit_eval.faithfulness.swapped import read_swap
from proofkit_eval.gates import Answer, carrier_of, quoted_in, quotes, read_answer, read_claims, sources_of
from proofkit_eval.heldout.scene import ledger_of
from proofkit_eval.records import Measures, Prompt
from proofkit_prompts import Contract

__all__ = ["measure"]

_COUNTED = frozenset({EntryType.SENTENCE, EntryType.NUMBER})


def measure(
    key: str, prompt: Prompt, text: str, contract: Contract, *, twin: str | None = None, known: KnownRuns | None = None
) -> Measures:
    """Return the measures of an answer. A void answer keeps nothing and claims nothing.

    Args:
        key: The generation's.
        prompt: What was asked.
        text: The answer after screening; empty where it is void.
        contract: The contract that rendered the prompt.
        twin: The same model's answer to the counterfactual twin; None where it was not asked.
        known: Runs of the texts that the model may recite; None where nobody knows them.
    """
    answer = read_answer(prompt, text, contract)
    kept = words_kept("\n".join(prompt.must_keep), answer.whole)
    loose, claims = _traced(prompt, answer, ledger_of(prompt))
    return Measures(
        key=key,
        anchor_recall=kept.recall if kept.total else None,
        missing=kept.missing,
        swap_followed=_follows(prompt, answer, twin, contract),
        unsupported=loose,
        unsupported_rate=min(1.0, len(loose) / claims) if claims else None,
        claims=claims,
        words=len(plain_words(answer.whole)),
        template_distance=template_distance(answer.whole, known, sources_of(prompt)) if known else None,
    )


def _traced(prompt: Prompt, answer: Answer, facts: FactLedger) -> tuple[tuple[str, ...], int | None]:
    """Return the statements and numbers without a source, and how many were looked at; None where none can be told."""
    if not facts.scenario_facts or not answer.texts:
        return (), None
    entries = [
        entry for text in answer.texts for entry in trace(DRAFT_CARRIER, text, facts=facts) if entry.type in _COUNTED
    ]
    about = quoted_in(prompt)
    loose = [entry.text for entry in entries if _is_loose(entry) and not quotes(entry.text, about)]
    claims = read_claims(answer.texts, facts, carrier_of(prompt), quoted=about)
    shown = [finding.quote for finding in (*claims.real_life, *claims.unlabelled)]
    more = [quote for quote in shown if not any(quote in said for said in loose)]
    return tuple(dict.fromkeys([*loose, *more])), len(entries)


def _is_loose(entry: LedgerEntry) -> bool:
    return entry.kind is SourceKind.UNSUPPORTED


def _follows(prompt: Prompt, answer: Answer, twin: str | None, contract: Contract) -> bool | None:
    if twin is None or prompt.swap is None:
        return None
    must = any(prompt.swap.old in said for said in prompt.must_keep)
    after = read_answer(prompt, twin, contract).whole
    read = read_swap(answer.whole, after, prompt.swap, must_follow=must)
    return None if read is None else read.followed
