"""Recognises the PDF of a packet, so that its words need not be guessed from the layout of its pages."""

from pathlib import PurePath

from proofkit_core.errors import PacketFileError
from proofkit_core.export.document import document_of
from proofkit_core.export.markdown import write_markdown
from proofkit_core.export.names import PDF_FILE
from proofkit_core.export.pdf_text import read_pdf
from proofkit_core.export.reading import letters_of, passages_of
from proofkit_core.packet import Packet


def words_of_packet_pdf(name: str, data: bytes, packet: Packet) -> str:
    """Return the words of a packet's PDF as Markdown; empty where it is another PDF or was changed.

    On a page, headings, quotations and the heads of tables are only a matter of layout. The packet knows them.

    Args:
        name: The file's path.
        data: The PDF.
        packet: The packet it may belong to.
    """
    if PurePath(name).name != PDF_FILE:
        return ""
    document = document_of(packet)
    try:
        found = letters_of(read_pdf(data).body)
    except PacketFileError:
        return ""
    wanted = "".join(passage.letters for passage in passages_of(document))
    return write_markdown(document) if found == wanted else ""
