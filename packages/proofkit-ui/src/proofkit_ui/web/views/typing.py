"""Texts as they stand in forms: what was typed and not sent off yet wins over what the session holds."""

from collections.abc import Mapping

from pydantic import BaseModel

from proofkit_serve.sessions import Document, TypedText
from proofkit_serve.sessions.document import TYPED_CAP
from proofkit_serve.sessions.events import Typed

__all__ = ["Field", "sent_off", "typed_event", "typed_texts"]


class Field(BaseModel, frozen=True, strict=True, extra="forbid"):
    """A field of a form as it is shown."""

    value: str = ""
    error: str = ""
    """What is wrong with it, and what to do; empty where nothing is."""

    @property
    def lines(self) -> tuple[str, ...]:
        """Return its lines, for a field that takes one thing a line."""
        return tuple(line.strip() for line in self.value.split("\n") if line.strip())


def typed_texts(document: Document, form: str) -> dict[str, str]:
    """Return what was typed into a form and not sent off, by the fields' own names.

    Args:
        document: The session.
        form: The first part of the places, such as `goal`.
    """
    start = f"{form}."
    return {each.place.removeprefix(start): each.text for each in document.typed if each.place.startswith(start)}


def typed_event(document: Document, form: str, shown: Mapping[str, str], sent: Mapping[str, str]) -> Typed | None:
    """Return the event that keeps what was typed, or None where the session holds it already.

    Args:
        document: The session.
        form: The first part of the places.
        shown: What the session holds for each field, without what was typed.
        sent: What stands in the fields now; those that are missing stay as they are.
    """
    before = typed_texts(document, form)
    texts: list[TypedText] = []
    forgotten: list[str] = []
    for name, text in sent.items():
        if text == shown.get(name, ""):
            forgotten += [f"{form}.{name}"] if name in before else []
        elif text != before.get(name):
            texts.append(TypedText(place=f"{form}.{name}", text=text[:TYPED_CAP]))
    if not texts and not forgotten:
        return None
    return Typed(texts=tuple(texts), forgotten=tuple(forgotten))


def sent_off(document: Document, form: str) -> Typed | None:
    """Return the event that forgets all that was typed into a form, or None where there is nothing."""
    places = tuple(each.place for each in document.typed if each.place.startswith(f"{form}."))
    return Typed(forgotten=places) if places else None
