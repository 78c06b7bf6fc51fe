"""Where the pages are shown: in a window of their own, or inside a page of another site, as a Space is."""

from http.cookies import SimpleCookie
from typing import Any

from pydantic import BaseModel
from starlette.requests import HTTPConnection

__all__ = ["ALONE", "Embedding", "embedding_of"]

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; font-src 'self'; frame-ancestors {frames}; base-uri 'none'"
)


class Embedding(BaseModel, frozen=True, strict=True, extra="forbid"):
    """Who may show the pages inside their own, and what follows for headers and cookies."""

    framed_by: tuple[str, ...] = ()
    """Origins such as `https://huggingface.co`; without any, nobody may."""
    scripts: tuple[str, ...] = ()
    """Further files of `static/` that every page loads."""

    @property
    def policy(self) -> str:
        """Return the pages' content security policy."""
        return _POLICY.format(frames=" ".join(self.framed_by) or "'none'")

    def cookie(self, name: str, value: str, *, max_age: int, secure: bool) -> str:
        """Return the line that sets a cookie; one with no age is taken back.

        Inside a page of another site a browser sends only cookies that say `SameSite=None`, and keeps those that say
        `Partitioned` apart for each site around it, so that no other page can use them.

        Args:
            name: The cookie's name.
            value: Its value.
            max_age: Seconds to keep it.
            secure: Whether it came over an encrypted connection.
        """
        made: SimpleCookie = SimpleCookie()
        made[name] = value
        same_site = "None" if self.framed_by else "Lax"
        told: dict[str, Any] = {"path": "/", "max-age": max_age, "httponly": True, "samesite": same_site}
        for key, each in {**told, "secure": secure or bool(self.framed_by)}.items():
            made[name][key] = each
        # The standard library knows the word from Python 3.14 on.
        return made[name].OutputString() + ("; Partitioned" if self.framed_by else "")


ALONE = Embedding()
"""In a window of their own: nobody shows the pages inside theirs."""


def embedding_of(connection: HTTPConnection) -> Embedding:
    """Return where an app's pages are shown."""
    found: Embedding = connection.app.state.embedding
    return found
