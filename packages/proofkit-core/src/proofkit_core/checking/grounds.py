"""Finds what the statements of a text may rest on: the brief, and the exercise that the text is about."""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from proofkit_core.brief import Brief
from proofkit_core.brief_file import load_brief
from proofkit_core.challenge.facts import Challenge
from proofkit_core.challenge.setting import set_challenge
from proofkit_core.errors import InputError
from proofkit_core.export.loading import load_files
from proofkit_core.export.names import PACKET_FILE
from proofkit_core.export.packet_file import packet_from_bytes, read_packet
from proofkit_core.integrity import FactLedger, fact_ledger
from proofkit_core.packet import PACKET_SCHEMA, Packet
from proofkit_core.roles.catalog import load_catalogue
from proofkit_core.roles.index import build_index
from proofkit_core.roles.synthesis import choose_role

_HEAD = 200
"""Bytes in which a `packet.json` says what it is."""


class Asked(NamedTuple):
    """Where the person says the facts are."""

    brief: Path | None = None
    packet: Path | None = None
    """A packet folder, its zip or its `packet.json`."""
    seed: int | None = None
    """The seed the packet was made with; None where the person gave none."""


class Grounds(NamedTuple):
    """The facts, and what was decided on the way to them."""

    facts: FactLedger
    notices: tuple[str, ...]


def find_packet(path: Path | None, asked: Asked) -> Packet | None:
    """Return the packet that a file belongs to: the one that was named, or the one it lies in.

    Args:
        path: The file or folder to check; None for standard input.
        asked: What the person named.

    Raises:
        PacketFileError: There is a packet, and it cannot be read.
    """
    if asked.packet is not None:
        return _read(asked.packet, required=True)
    if path is None:
        return None
    if path.is_dir() or path.suffix.lower() == ".zip":
        return _read(path, required=False)
    beside = path.absolute().parent / PACKET_FILE
    if beside.is_file():
        return read_packet(beside)
    return read_packet(path) if path.suffix.lower() == ".json" and _looks_like_packet(path) else None


def find_grounds(texts: Iterable[str], packet: Packet | None, asked: Asked) -> Grounds:
    """Return the facts that count for some texts.

    With a packet, its exercise counts, and the person's own facts come from the brief that was named, or else from the
    one in the packet. Without one, the exercise is the one that `make` would draw, and it counts only where the texts
    name its company or the person gave its seed: a draft about something else must not borrow its facts.

    Args:
        texts: What is checked.
        packet: The packet they belong to, if any.
        asked: What the person named.

    Raises:
        InputError: Neither a brief nor a packet says what is true.
    """
    if asked.brief is None and packet is None:
        raise InputError(
            "There are no facts to check the text against. Expected --brief BRIEF, --packet DIR, or a file inside a "
            "packet folder. Name the brief that says what you did."
        )
    loaded = load_brief(asked.brief) if asked.brief is not None else None
    brief = loaded.brief if loaded else packet.brief if packet else None
    if brief is None:  # pragma: no cover - ruled out above, which the type checker cannot see
        raise AssertionError
    notices = loaded.notices if loaded else ()
    if packet is not None:
        changed = brief != packet.brief
        told = ("The brief is not the one that the packet was made from; your facts come from the brief.",)
        return Grounds(fact_ledger(brief, packet.challenge), (*notices, *(told if changed else ())))
    return _without_packet(brief, notices, texts, asked.seed)


def _without_packet(brief: Brief, notices: tuple[str, ...], texts: Iterable[str], seed: int | None) -> Grounds:
    challenge = drawn_challenge(brief, seed or 0)
    facts = fact_ledger(brief, challenge)
    if seed is not None or _is_named(challenge.company, texts):
        return Grounds(facts, notices)
    told = (
        f"The text does not name {challenge.company}, the fictional company of this brief, so only the facts of the "
        "brief count. If it is about the exercise, say so with --packet DIR or --seed N."
    )
    return Grounds(facts.model_copy(update={"scenario_facts": (), "company": ""}), (*notices, told))


def drawn_challenge(brief: Brief, seed: int) -> Challenge:
    """Return the challenge that `make` draws for a brief, without a model and a sentence encoder."""
    entry, _ = choose_role(brief, build_index(load_catalogue()))
    return set_challenge(brief, entry.role.scenarios, role_title=entry.role.title, seed=seed)


def _is_named(company: str, texts: Iterable[str]) -> bool:
    """Look for the first word of the name, which is invented and stands in no other text."""
    word = company.split(maxsplit=1)[0].casefold()
    return any(word in text.casefold() for text in texts)


def _read(path: Path, *, required: bool) -> Packet | None:
    if path.is_file() and path.suffix.lower() != ".zip":
        return read_packet(path)
    data = load_files(path).get(PACKET_FILE)
    if data is None and required:
        raise InputError(f"{path} holds no {PACKET_FILE}. Expected a whole packet. Name another one.")
    return packet_from_bytes(data, str(path / PACKET_FILE)) if data is not None else None


def _looks_like_packet(path: Path) -> bool:
    """Say whether a JSON file says that it is a packet; one that cannot be read is told when it is checked."""
    try:
        with path.open("rb") as file:
            return PACKET_SCHEMA.rpartition("/")[0].encode() in file.read(_HEAD)
    except OSError:
        return False
