"""Step 6: the review. It asks no model, so it is about the text as it stands now."""

import asyncio

from fastapi import APIRouter, Request
from starlette.responses import Response

from proofkit_ui.web.opening import Opened
from proofkit_ui.web.rendering import go, page
from proofkit_ui.web.steps import Step, first_possible, path_of
from proofkit_ui.web.views.review import review_view

router = APIRouter()


@router.get("/s/{session_id}/review")
async def read_review(request: Request, document: Opened) -> Response:
    """Show how ready the work sample is."""
    possible = first_possible(document, Step.REVIEW)
    if possible is not Step.REVIEW:
        return go(request, path_of(document.id, possible), note=f"first_{possible}")
    # A long text takes longer to trace than other pages may wait.
    view = await asyncio.to_thread(review_view, document)
    return page(request, "review.html.j2", view, document=document, step=Step.REVIEW)
