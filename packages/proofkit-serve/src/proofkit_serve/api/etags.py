"""Revisions as entity tags: who changes a session says which revision they saw."""

import re
from typing import Annotated

from fastapi import Header

from proofkit_serve.errors import RevisionConflictError
from proofkit_serve.sessions import Document
from proofkit_serve.wire.kinds import Kind, ProblemError

_TAG = re.compile(r'\s*(W/)?"([^"]{1,80})"\s*')
_MOST = 20

IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        description='The `ETag` of the revision that you saw, such as `"4"`; or `*` for whatever is there.',
        examples=['"4"'],
    ),
]
IfNoneMatch = Annotated[
    str | None, Header(alias="If-None-Match", description="An `ETag` that you have; it is answered with 304.")
]


def etag_of(revision: int) -> str:
    """Return the entity tag of a revision."""
    return f'"{revision}"'


def require_tag(if_match: str | None) -> str:
    """Return the header, which a change needs.

    Raises:
        ProblemError: It is missing.
    """
    if if_match is None:
        told = (
            "This change needs `If-Match` with the `ETag` of the session that you saw. Read the session, then send it."
        )
        raise ProblemError(Kind.REVISION_REQUIRED, told)
    return if_match


def expected_revision(if_match: str | None, current: Document) -> int | None:
    """Return the revision that a change is meant for; None for any.

    Args:
        if_match: The header, if it was sent.
        current: The session as it stands.

    Raises:
        ProblemError: The header is malformed, or names other revisions.
    """
    if if_match is None or if_match.strip() == "*":
        return None
    tags = _tags(if_match)
    # A weak tag says that two are alike, which is not enough to write over one.
    if any(not weak and tag == str(current.revision) for weak, tag in tags):
        return current.revision
    raise mismatch(current.revision)


def is_known(if_none_match: str | None, revision: int) -> bool:
    """Say whether the caller has this revision already."""
    if if_none_match is None:
        return False
    return if_none_match.strip() == "*" or any(tag == str(revision) for _, tag in _tags(if_none_match))


def mismatch(actual: int) -> ProblemError:
    """Return the problem for a change that was meant for another revision."""
    told = f"The session is at revision {actual} by now, so nothing was changed. Read it again and repeat the change."
    return ProblemError(Kind.REVISION_MISMATCH, told, headers={"ETag": etag_of(actual)})


def conflict(error: RevisionConflictError) -> ProblemError:
    """Return the same for what the store found."""
    return mismatch(error.actual)


def _tags(header: str) -> list[tuple[bool, str]]:
    parts = header.split(",")
    found = [_TAG.fullmatch(part) for part in parts[:_MOST]]
    if len(parts) > _MOST or not all(found):
        told = 'An entity tag cannot be read. Expected it as the server gave it, such as "4" with its quotes.'
        raise ProblemError(Kind.MALFORMED_HEADER, told)
    return [(bool(match[1]), match[2]) for match in found if match]
