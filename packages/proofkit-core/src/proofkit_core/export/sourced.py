"""The guard of the sources: nothing is written while a statement rests on nothing, or is not in the ledger."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from proofkit_core.about import ABOUT
from proofkit_core.errors import ExportRefusedError
from proofkit_core.export.letters import letters_in
from proofkit_core.export.names import PDF_FILE
from proofkit_core.export.rendered import rendered_pieces
from proofkit_core.export.source_words import shown_text
from proofkit_core.ledger import labels_of, split_sentences, trace_packet
from proofkit_core.packet import EntryType, LedgerEntry, Packet, SourceKind

_OWN_WORDS = ("LinkedIn post", "Résumé bullets", "Talking points", ABOUT)
"""Headings that the writers set themselves."""
_PLACES = {
    "title": "title",
    "disclosure": "disclosure",
    "subtitle": "line under the title",
    "about": "part “About this exercise”",
    "post": "LinkedIn post",
}


def require_sources(packet: Packet) -> None:
    """Trace a packet again and refuse it if a statement has no source, or another than its ledger says.

    Raises:
        ExportRefusedError: Names the carrier and the words.
    """
    told = {(entry.type, entry.carrier, entry.start, entry.end): entry.kind for entry in packet.ledger}
    traced = trace_packet(packet)
    for entry in (*packet.ledger, *traced):
        if entry.kind is SourceKind.UNSUPPORTED:
            raise ExportRefusedError(
                f"The {_place(entry.carrier, packet)} says “{_words(entry, packet)}”, and no source says so: expected "
                "your own words, a fact of the exercise, or a label as hypothetical. Nothing was written. Change that "
                "sentence or say in your brief where it comes from, and run again."
            )
    for entry in traced:
        if told.get((entry.type, entry.carrier, entry.start, entry.end)) is not entry.kind:
            raise ExportRefusedError(
                f"The {_place(entry.carrier, packet)} says “{_words(entry, packet)}”, which the ledger of the packet "
                "does not hold with this source. Expected a ledger computed after the last edit. Nothing was written; "
                "make the packet again."
            )


def require_traced(files: Mapping[str, bytes], packet: Packet) -> None:
    """Read each rendered carrier back and refuse the export if it says something that has no entry in the ledger.

    Args:
        files: The rendered carriers by file name; the PDF is given as the text handed to its writer.
        packet: What they were rendered from.

    Raises:
        ExportRefusedError: Names the file and the sentence.
    """
    labels = [*_OWN_WORDS, packet.bullets.heading, *labels_of(packet), *(s.title for s in packet.sample.sections)]
    labels.append(f"For the heading “{packet.bullets.heading}”, never under employment.")
    texts = [entry.text for entry in packet.ledger if entry.type is not EntryType.NUMBER] + labels
    known = _Known(texts)
    printed = _Known(texts, plain=True)
    for name, data in files.items():
        for piece in rendered_pieces(name, data):
            loose = (printed if name == PDF_FILE else known).first_unknown(piece)
            if loose:
                raise ExportRefusedError(
                    f"{name} says “{loose}”, and no entry of the ledger holds that sentence. Expected each sentence of "
                    "each file to have a source. Nothing was written; make the packet again."
                )


class _Known:
    """What may stand in a file, compared by letters."""

    def __init__(self, texts: Iterable[str], *, plain: bool = False) -> None:
        self._plain = plain
        """Only letters that every font has, for the PDF, which shows a box for others."""
        self._whole = {self._letters(text) for text in texts}
        self._by_first: defaultdict[str, list[str]] = defaultdict(list)
        for letters in self._whole - {""}:
            self._by_first[letters[0]].append(letters)

    def first_unknown(self, piece: str) -> str:
        """Return the first sentence of a piece that is not known; empty where all of it is."""
        if self._holds(piece):
            return ""
        loose = (sentence for sentence in split_sentences(piece) if not self._holds(sentence))
        return next(loose, "")

    def _letters(self, text: str) -> str:
        letters = letters_in(text)
        return "".join(char for char in letters if char.isascii()) if self._plain else letters

    def _holds(self, text: str) -> bool:
        letters = self._letters(text)
        return not letters or letters.isdigit() or letters in self._whole or self._is_made_of(letters)

    def _is_made_of(self, letters: str) -> bool:
        """Say whether text is nothing but known statements, one behind the other."""
        reached = {0}
        for place in range(len(letters)):
            if place in reached:
                known = self._by_first.get(letters[place], ())
                reached |= {place + len(text) for text in known if letters.startswith(text, place)}
        return len(letters) in reached


def _words(entry: LedgerEntry, packet: Packet) -> str:
    text = shown_text(entry)
    outer = next((e for e in packet.ledger if "." in entry.id and e.id == entry.id.split(".")[0]), None)
    inside = outer is not None and outer.carrier == entry.carrier and outer.start <= entry.start < outer.end
    return f"{text}” in “{shown_text(outer)}" if outer and inside else text


def _place(carrier: str, packet: Packet) -> str:
    section = next((s.title for s in packet.sample.sections if carrier == f"work_sample.{s.id}"), "")
    if section:
        return f"section “{section}” ({carrier})"
    group = carrier.split("[", maxsplit=1)[0].replace("_", " ")
    named = _PLACES.get(carrier, {"bullets": "résumé bullets", "resume.keywords": "résumé"}.get(group, group))
    return named if named == carrier else f"{named} ({carrier})"
