"""Reads what a form asks to have made."""

from collections.abc import Mapping
from types import MappingProxyType

from pydantic import TypeAdapter, ValidationError

from proofkit_core.errors import InputError
from proofkit_core.steps.writing import ACTION_CAP
from proofkit_serve.wire.requests import GenerationInput
from proofkit_ui.web.forms import Form

__all__ = ["ACTIONS", "OWN", "asked_for", "is_local", "local_path"]

ACTIONS: Mapping[str, str] = MappingProxyType(
    {
        "shorter": "Make it shorter",
        "clearer": "Put it in plain words",
        "specific": "Make it more specific",
        "owners": "Name owners and dates",
        "costs": "Say what it costs",
    }
)
"""What each button asks of a model, in the words that the embedded one was trained on."""
OWN = "own"
"""The button with the person's own instruction."""
_WANTED: TypeAdapter[GenerationInput] = TypeAdapter(GenerationInput)
_REVISIONS = frozenset({"revision", "revisions"})
_WITH_FALLBACKS = frozenset({"sections", "packet"})
_OF_A_SECTION = frozenset({"section", "revision"})


def asked_for(form: Form) -> GenerationInput:
    """Return what a form asks for.

    Args:
        form: With `kind`, and as it needs them `section`, `fallbacks`, `action` and `own`.

    Raises:
        InputError: It asks for nothing that there is, or the instruction is empty or too long.
    """
    kind = form.text("kind")
    wanted: dict[str, object] = {"kind": kind}
    if kind in _OF_A_SECTION:
        wanted["section"] = form.text("section")
    if kind in _WITH_FALLBACKS:
        wanted["fallbacks"] = form.text("fallbacks") == "yes"
    if kind in _REVISIONS:
        wanted["action"] = _action(form)
    try:
        return _WANTED.validate_python(wanted)
    except ValidationError as error:
        raise InputError(
            f"Got a wish for {kind!r} that cannot be read. Expected one of this page's buttons. Go back and press one."
        ) from error


def local_path(path: str, otherwise: str) -> str:
    """Return a path of this site to go to, or another one where it is none.

    Args:
        path: What the form sent.
        otherwise: Where to go instead.
    """
    return path if is_local(path) else otherwise


def is_local(path: str) -> bool:
    """Say whether something is a path of a session here, and nothing that a browser takes for another site."""
    return path.startswith("/s/") and "\\" not in path and all(" " < char < "\x7f" for char in path)


def _action(form: Form) -> str:
    action = form.text("action")
    if action != OWN:
        return ACTIONS.get(action, "")
    own = " ".join(form.text("own").split())
    if not 0 < len(own) <= ACTION_CAP:
        raise InputError(
            f"Your instruction has {len(own)} characters; expected 1 to {ACTION_CAP}. Say in a few words what to do, "
            "such as “Begin with the risk that worries me most”."
        )
    return own
