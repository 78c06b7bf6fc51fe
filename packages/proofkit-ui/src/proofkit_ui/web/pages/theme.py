"""The colours of the page: as the computer has them, light or dark."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from proofkit_ui.web.embedding import embedding_of
from proofkit_ui.web.forms import read_form
from proofkit_ui.web.rendering import THEME_COOKIE, go

__all__ = ["router"]

_YEAR_S = 31_536_000
_CHOICES = ("light", "dark")

router = APIRouter()


@router.post("/theme")
async def choose_theme(request: Request) -> Response:
    """Keep the choice in a cookie, and go back to the page that it was made on."""
    form = await read_form(request)
    back = form.text("back")
    answer = go(request, back if back.startswith("/") and not back.startswith(("//", "/\\")) else "/")
    chosen = form.text("theme")
    kept = chosen if chosen in _CHOICES else ""
    secure = request.url.scheme == "https"
    line = embedding_of(request).cookie(THEME_COOKIE, kept, max_age=_YEAR_S if kept else 0, secure=secure)
    answer.headers.append("set-cookie", line)
    return answer
