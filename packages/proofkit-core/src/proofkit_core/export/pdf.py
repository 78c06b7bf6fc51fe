"""Writes the work sample as a tagged PDF that targets PDF/UA-1, with its provenance attached."""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from importlib.resources import files
from typing import Any, NamedTuple, cast

from proofkit_core.blocks import Block, BulletList, NumberedList, Quote, Table, starts_rtl
from proofkit_core.errors import ExportRefusedError
from proofkit_core.export.columns import column_widths
from proofkit_core.export.document import Document
from proofkit_core.export.glyphs import find_missing, notice_for

_LONG_WORD = re.compile(r"[^\s\u200b]{60,}")
_LONG_CELL_WORD = re.compile(r"[^\s\u200b]{20,}")
_BREAK_EVERY = 10


class Printed(NamedTuple):
    """A document made ready for the page: only characters that the fonts have."""

    document: Document
    notices: tuple[str, ...]


def prepare_print(document: Document) -> Printed:
    """Replace what the PDF cannot show and say so."""
    coverage = find_missing(_texts(document.model_dump()))
    if not coverage.missing:
        return Printed(document, ())
    data = _mapped(document.model_dump(mode="json"), coverage.boxed)
    return Printed(Document.model_validate_json(json.dumps(data)), (notice_for(coverage.missing),))


def write_pdf(page: bytes, provenance: bytes) -> bytes:
    """Compile the PDF; the same page data and provenance give the same bytes.

    Args:
        page: As `page_data` returns it.
        provenance: The file to attach.

    Raises:
        ExportRefusedError: The PDF would not meet its accessibility target.
    """
    import typst

    try:
        return typst.compile(
            _template(),
            ignore_system_fonts=True,  # the same letters on every machine, and no search through its folders
            pdf_standards=["ua-1"],
            sys_inputs={"document": page.decode(), "provenance": provenance.decode()},
            timestamp=0,
        )
    except typst.TypstError as error:
        raise ExportRefusedError(
            f"The PDF was not written, because it would not be accessible: {error.message}. Expected every letter and "
            "heading to be readable. Please report this, with the text it names."
        ) from error


def _template() -> bytes:
    return files("proofkit_core.export").joinpath("data/work-sample.typ").read_bytes()


def page_data(printed: Document) -> bytes:
    """Return what the template is given: the words, and how wide its columns are.

    Args:
        printed: The document as `prepare_print` returns it.
    """
    data: dict[str, Any] = _mapped(printed.model_dump(mode="json"), _break_words)
    data["lang"] = printed.language.split("-")[0]
    data["region"] = "GB" if data["lang"] == "en" else None
    data["title"] = printed.title
    data["footer"] = printed.short_disclosure
    data["facts"] = [f["id"] for part in data["parts"] for b in part["blocks"] for f in b.get("facts", ())]
    _mark_rtl(data)
    for part, filled in zip(printed.parts, data["parts"], strict=True):
        _add_all_widths(part.blocks, filled["blocks"])
    return json.dumps(data, ensure_ascii=False).encode()


def _mark_rtl(value: Any) -> None:  # noqa: ANN401 - walks JSON
    """Name the language of each text that begins in a script read from right to left."""
    if isinstance(value, list) and value and isinstance(value[0], dict) and "cite" in value[0]:
        runs = cast("list[dict[str, Any]]", value)
        runs[0]["rtl"] = starts_rtl("".join(run["text"] for run in runs))
        return
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():  # pyright: ignore[reportUnknownVariableType]
        _mark_rtl(item)


def _add_widths(block: Block, target: dict[str, Any]) -> None:
    """Give each table, however deep, its column widths."""
    if isinstance(block, Table):
        target["widths"] = column_widths(block)
        target["head"], target["rows"] = (_mapped(target[part], _break_cell_words) for part in ("head", "rows"))
    elif isinstance(block, BulletList | NumberedList):
        for item, filled in zip(block.items, target["items"], strict=True):
            _add_all_widths(item, filled)
    elif isinstance(block, Quote):
        _add_all_widths(block.blocks, target["blocks"])


def _add_all_widths(blocks: Iterable[Block], targets: Iterable[dict[str, Any]]) -> None:
    for block, target in zip(blocks, targets, strict=True):
        _add_widths(block, target)


def _break_words(text: str) -> str:
    """Allow a break inside words that fit no line, such as web addresses."""
    return _LONG_WORD.sub(_broken, text)


def _break_cell_words(text: str) -> str:
    """Allow a break inside words that fit no column."""
    return _LONG_CELL_WORD.sub(_broken, text)


def _broken(found: re.Match[str]) -> str:
    word = found[0]
    return "\u200b".join(word[i : i + _BREAK_EVERY] for i in range(0, len(word), _BREAK_EVERY))


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():  # pyright: ignore[reportUnknownVariableType]
            yield from _texts(item)  # pyright: ignore[reportUnknownArgumentType]
    elif isinstance(value, list | tuple):
        for item in value:  # pyright: ignore[reportUnknownVariableType]
            yield from _texts(item)  # pyright: ignore[reportUnknownArgumentType]


def _mapped(value: Any, change: Callable[[str], str]) -> Any:  # noqa: ANN401 - walks JSON
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {key: _mapped(item, change) for key, item in value.items()}  # pyright: ignore[reportUnknownVariableType]
    if isinstance(value, list):
        return [_mapped(item, change) for item in value]  # pyright: ignore[reportUnknownVariableType]
    return value
