"""Keys: what makes two answers, or two verdicts, the same piece of work.

A key is a digest over bytes, each with its length before it. JSON written again is no part of it: two programs may
write one number in two ways.
"""

import hashlib
from collections.abc import Iterator, Mapping

from proofkit_core.errors import InputError
from proofkit_core.provenance import digest_of
from proofkit_eval.records import JudgeRef, ModelRef, Spec

__all__ = ["check_sealed", "generation_key", "length_prefixed", "sealed", "verdict_key"]

_EXACT = 2**53
"""Up to here a whole number and the same number with a point are the same to every program."""


def length_prefixed(*parts: bytes) -> str:
    """Return the SHA-256 (hex) over some bytes, so that no two lists of parts come to the same.

    Args:
        parts: In order.
    """
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.hexdigest()


def generation_key(
    prompt: bytes, *, contract_digest: str, model: ModelRef, decoding: Mapping[str, bool | int | float | str], seed: int
) -> str:
    """Return the key of an answer. The model counts by its digests: a new file under an old name is another model.

    Args:
        prompt: The bytes that are asked.
        contract_digest: The contract they are rendered by.
        model: Who is asked.
        decoding: How tokens are chosen.
        seed: The seed of the choice.
    """
    weights = (model.artifact_digest.encode(), model.base_digest.encode())
    return length_prefixed(prompt, contract_digest.encode(), *weights, str(seed).encode(), *_bytes_of(decoding))


def verdict_key(answer: bytes, *, rubric_digest: str, judge: JudgeRef, order: int, repeat: int) -> str:
    """Return the key of a verdict: another rubric or judge makes another one, and the answer keeps its own key.

    Args:
        answer: The bytes that are judged; for a pair both, length-prefixed.
        rubric_digest: By what they are judged.
        judge: Who judges.
        order: The place at which the judge sees the answer.
        repeat: How often the judge has seen it before.
    """
    who = (judge.id, judge.version, judge.artifact_digest)
    parts = (rubric_digest, *who, str(order), str(repeat))
    return length_prefixed(answer, *(part.encode() for part in parts))


def sealed(spec: Spec) -> Spec:
    """Return a spec with its digest."""
    return spec.model_copy(update={"digest": _spec_digest(spec)})


def check_sealed(spec: Spec) -> None:
    """Check that a spec is what its digest says.

    Raises:
        InputError: It was changed after the run began.
    """
    if spec.digest != (found := _spec_digest(spec)):
        raise InputError(
            f"The spec says {spec.digest[:12] or 'no digest'} of itself and comes to {found[:12]}: it was changed "
            "after the run began. Begin a new run for other models, judges, rubrics or settings."
        )


def _spec_digest(spec: Spec) -> str:
    return digest_of(spec.model_copy(update={"digest": ""}))


def _bytes_of(decoding: Mapping[str, bool | int | float | str]) -> Iterator[bytes]:
    for name, value in sorted(decoding.items()):
        yield name.encode()
        yield _bytes_of_value(value)


def _bytes_of_value(value: str | float) -> bytes:
    if isinstance(value, str):
        return b"s" + value.encode()
    if isinstance(value, bool):
        return b"b1" if value else b"b0"
    if isinstance(value, int) and abs(value) > _EXACT:
        return b"i" + str(value).encode()
    # `-0.0 + 0.0` is `0.0`; the hexadecimal form holds every bit.
    return b"n" + (float(value) + 0.0).hex().encode()
