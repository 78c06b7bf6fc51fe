"""Raw templates, compiled to the fixed bytes around what varies."""

from typing import NamedTuple

from proofkit_prompts.errors import ContractError


class Surround(NamedTuple):
    """The fixed text before and after a placeholder."""

    before: str
    after: str


class ChatFrame(NamedTuple):
    """The chat template, cut at its two placeholders."""

    before: str
    between: str
    after: str


def decode_template(raw: bytes, path: str) -> str:
    """Return a template file as text.

    Args:
        raw: The file's bytes.
        path: The file's path inside the contract, for messages.

    Raises:
        ContractError: Not UTF-8, or with carriage returns.
    """
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ContractError(f"Got bytes that are not UTF-8 in {path}; expected UTF-8. Restore the file.") from error
    if "\r" in text:
        raise ContractError(
            f"Got a carriage return in {path}; expected LF line ends. Check out the contract without conversion "
            "(`git config core.autocrlf false`) and restore the file."
        )
    return text


def split_template(text: str, placeholder: str, path: str) -> Surround:
    """Cut a template at its one placeholder.

    Raises:
        ContractError: The placeholder is absent or repeated.
    """
    count = text.count(placeholder)
    if count != 1:
        raise ContractError(f"Got {count} of {placeholder} in {path}; expected exactly one. Correct the template.")
    before, _, after = text.partition(placeholder)
    return Surround(before, after)


def split_chat_template(text: str, path: str) -> ChatFrame:
    """Cut the chat template at its system and user placeholders.

    Raises:
        ContractError: A placeholder is absent or repeated, or the user turn comes first.
    """
    head, rest = split_template(text, "{system}", path)
    between, after = split_template(rest, "{user}", path)
    return ChatFrame(head, between, after)
