"""Reads forms: texts as people type them, with the line ends of every browser made one."""

from typing import NamedTuple

from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request

__all__ = ["Form", "read_form"]

_MOST_FIELDS = 400
_MOST_FILES = 4
_LONGEST = 2_000_000
"""Bytes of one text of a form with files; the whole body is limited before."""


class Form(NamedTuple):
    """What was sent."""

    data: FormData

    def text(self, name: str) -> str:
        """Return a text as it was typed, without the spaces around it; empty where there is none."""
        value = self.data.get(name)
        return _tidy(value) if isinstance(value, str) else ""

    def texts(self, name: str) -> tuple[str, ...]:
        """Return all texts of one name."""
        return tuple(_tidy(value) for value in self.data.getlist(name) if isinstance(value, str))

    def has(self, name: str) -> bool:
        """Say whether a field or button of that name was sent."""
        return name in self.data

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of all texts, each once."""
        return tuple(dict.fromkeys(name for name, value in self.data.multi_items() if isinstance(value, str)))

    async def file(self, name: str) -> bytes:
        """Return the content of an uploaded file; nothing where none was chosen."""
        value = self.data.get(name)
        return await value.read() if isinstance(value, UploadFile) else b""


async def read_form(request: Request) -> Form:
    """Read the form of a request.

    Raises:
        HTTPException: It is no form that can be read; answered as a refusal.
    """
    return Form(await request.form(max_files=_MOST_FILES, max_fields=_MOST_FIELDS, max_part_size=_LONGEST))


def _tidy(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()
