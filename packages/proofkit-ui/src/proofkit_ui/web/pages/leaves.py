"""What leaves the computer, item by item."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from proofkit_serve.api.services import Given
from proofkit_ui.web.rendering import page
from proofkit_ui.web.views.leaves import leaves_view

router = APIRouter()


@router.get("/what-leaves")
async def read_leaves(request: Request, given: Given) -> Response:
    """Show what leaves the computer."""
    return page(request, "leaves.html.j2", leaves_view(given.registry, given.settings))
