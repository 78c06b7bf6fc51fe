"""Uploads: the text of a résumé or a job ad out of a file. Nothing of the file is kept."""

from typing import Annotated

from fastapi import APIRouter, File, Request, UploadFile

from proofkit_serve.api.answering import documented
from proofkit_serve.api.bodies import UPLOAD_PATH
from proofkit_serve.api.services import Given, Owner
from proofkit_serve.uploads import UploadedText, UploadLimits, read_upload
from proofkit_serve.wire.kinds import Kind, ProblemError

router = APIRouter(tags=["uploads"])


@router.post(
    UPLOAD_PATH,
    responses=documented(
        Kind.MALFORMED_JSON,
        Kind.MALFORMED_HEADER,
        Kind.IDEMPOTENCY_IN_PROGRESS,
        Kind.IDEMPOTENCY_MISMATCH,
        Kind.REQUEST_TIMEOUT,
        Kind.TOO_LARGE,
        Kind.UNSUPPORTED_TYPE,
        Kind.UNREADABLE_FILE,
        Kind.STORE_UNAVAILABLE,
        Kind.STORE_FULL,
    ),
)
async def read_file(
    request: Request,
    given: Given,
    owner: Owner,
    file: Annotated[UploadFile, File(description="A PDF, a Word file (.docx) or plain text, by its content.")],
) -> UploadedText:
    """Read the text of a file, to put it into a goal as `resume` or `job_ad`."""
    del owner
    if [name for name, _ in (await request.form()).multi_items()] != ["file"]:
        raise ProblemError(Kind.INVALID_REQUEST, "The form has other fields too. Expected `file` alone, once.")
    limits = given.settings.limits
    allowed = UploadLimits(
        max_bytes=limits.upload_bytes, wall_s=limits.upload_seconds, cpu_s=max(1, round(limits.upload_seconds))
    )
    data = await file.read()
    async with given.uploads:
        return await read_upload(data, allowed)
