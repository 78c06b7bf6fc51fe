"""The batch form: rows of JSON in, rows of JSON out, one at a time, so that a file of any length can be checked."""

import difflib
import json
import reprlib
from collections.abc import Iterable, Iterator
from typing import Annotated, Any, cast

from pydantic import AfterValidator, BaseModel, Field, ValidationError

from proofkit_core.integrity import Action, Carrier, Disclosing, Fact, FactLedger, review_text


def _whole(text: str) -> str:
    """Refuse half a character, which JSON can write and no file can hold."""
    if not text.isascii():
        text.encode()
    return text


Text = Annotated[str, AfterValidator(_whole)]
Texts = Annotated[tuple[Text, ...], Field(strict=False)]
"""A list of texts; JSON knows no tuples."""
_CONTEXT_KEYS = "user_facts, brief_facts, fictional_company, field, doc_has_disclosure and consent"
_ORDER = tuple(Action)


class RowContext(BaseModel, frozen=True, strict=True, extra="ignore"):
    """What the statements of a row may rest on, and what kind of text it is."""

    user_facts: Texts = ()
    """What the person said about themselves."""
    brief_facts: Texts = ()
    """What the exercise fixes."""
    fictional_company: Text = ""
    field: Annotated[Carrier, Field(strict=False)] = Carrier.SECTION
    doc_has_disclosure: bool = False
    """The document around the text says that the work is simulated."""
    consent: Texts = ()
    """Names that the person allows to be used."""


class Row(BaseModel, frozen=True, strict=True, extra="ignore"):
    """One text to check. Keys that are not listed here are ignored, so that a labelled corpus can be fed as it is."""

    id: Text | int
    text: Text
    context: RowContext = RowContext()


class RowFinding(BaseModel, frozen=True, strict=True, extra="forbid"):
    """A claim that the facts of its row do not carry."""

    rule: str
    action: Action
    start: int
    end: int
    """Place in the row's text, in characters from 0."""
    reason: str


class RowResult(BaseModel, frozen=True, strict=True, extra="forbid"):
    """What the rules say about a row."""

    id: str | int
    action: Action
    """The strongest one; `keep` where nothing was found."""
    text: str
    """The text as the rules leave it; as it came where no safe change is known."""
    findings: tuple[RowFinding, ...]


class RowFailure(BaseModel, frozen=True, strict=True, extra="forbid"):
    """A line that is no row. It stands in the output in the row's place."""

    id: str | int | None
    """None where it could not be read."""
    line: int
    """Counted from 1."""
    error: str
    """What was found, what was expected, and what to do."""


def check_row(row: Row) -> RowResult:
    """Return what the rules say about one row."""
    context = row.context
    verdict = review_text(
        row.text,
        facts=row_ledger(context),
        carrier=context.field,
        disclosing=Disclosing.NEVER if context.doc_has_disclosure else Disclosing.WHERE_NAMED,
    )
    findings = tuple(
        RowFinding(rule=each.rule, action=each.action, start=each.start, end=each.end, reason=each.reason)
        for each in verdict.findings
    )
    strongest = min((each.action for each in findings), key=_ORDER.index, default=Action.KEEP)
    return RowResult(id=row.id, action=strongest, text=verdict.text, findings=findings)


def row_ledger(context: RowContext) -> FactLedger:
    """Return the facts of a row, each with the place it is known from."""
    return FactLedger(
        user_facts=_facts("user_facts", context.user_facts),
        scenario_facts=_facts("brief_facts", context.brief_facts),
        company=context.fictional_company.strip(),
        consent=context.consent,
    )


def _facts(name: str, texts: tuple[str, ...]) -> tuple[Fact, ...]:
    return tuple(Fact(ref=f"{name}[{number}]", text=text) for number, text in enumerate(texts) if text.strip())


def check_rows(lines: Iterable[bytes]) -> Iterator[RowResult | RowFailure]:
    """Yield one answer a line, as the lines come in; a line that is no row costs the others nothing.

    Args:
        lines: JSON Lines, UTF-8; empty lines are passed over.
    """
    for number, line in enumerate(lines, start=1):
        if line.strip(b" \t\r\n\xef\xbb\xbf"):
            row = read_row(line, number)
            yield check_row(row) if isinstance(row, Row) else row


def read_row(line: bytes, number: int) -> Row | RowFailure:
    """Return the row that a line holds, or what is wrong with it.

    Args:
        line: One line of JSON, UTF-8.
        number: Its number in the file, from 1.
    """
    try:
        data: Any = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        told = f"byte {error.start + 1} is not UTF-8; expected a row of JSON as UTF-8 text. Save the file as UTF-8."
        return RowFailure(id=None, line=number, error=told)
    except (ValueError, RecursionError) as error:
        why = (
            f"{error.msg}, column {error.colno}" if isinstance(error, json.JSONDecodeError) else "too long or too deep"
        )
        told = f"it is not valid JSON ({why}); expected one whole row in one line. Write one row a line."
        return RowFailure(id=None, line=number, error=told)
    if not isinstance(data, dict):
        told = f'it holds {reprlib.repr(data)}; expected an object with "id" and "text". Correct the line.'
        return RowFailure(id=None, line=number, error=told)
    fields = _without_nulls(cast("dict[str, Any]", data))
    try:
        row = Row.model_validate(fields)
    except ValidationError as error:
        return RowFailure(id=_id_of(fields), line=number, error=_told(error))
    misspelt = _misspelt_context(fields)
    return RowFailure(id=row.id, line=number, error=misspelt) if misspelt else row


def _without_nulls(fields: dict[str, Any]) -> dict[str, Any]:
    """Treat `null` as missing, in the row and in its context."""
    kept = {key: value for key, value in fields.items() if value is not None}
    context: Any = kept.get("context")
    if isinstance(context, dict):
        inner = cast("dict[str, Any]", context)
        kept["context"] = {key: value for key, value in inner.items() if value is not None}
    return kept


def _id_of(fields: dict[str, Any]) -> str | int | None:
    found: Any = fields.get("id")
    if isinstance(found, str):
        return found.encode("utf-8", "replace").decode()
    return found if type(found) is int else None


def _misspelt_context(fields: dict[str, Any]) -> str:
    """Facts under a misspelt name would quietly count as none, and the answer would be wrong."""
    others = [key for key in fields if key not in Row.model_fields]
    near = [] if "context" in fields else difflib.get_close_matches("context", others, n=1)
    return f"it has {near[0]!r} and no 'context'; expected the facts under 'context'. Rename it." if near else ""


_PLAIN = {
    "missing": "is missing",
    "string_type": "must be a text",
    "value_error": "holds half a character",
    "int_type": "must be a text or a whole number",
    "tuple_type": "must be a list of texts",
    "bool_type": "must be true or false",
    "model_type": "must be an object",
    "enum": f"must be one of {', '.join(Carrier)}",
}


def _told(error: ValidationError) -> str:
    """Turn pydantic's first finding into one plain sentence."""
    found = error.errors()[0]
    is_id = found["loc"][0] == "id"  # two types are tried for it, and pydantic names the one it speaks of
    place = "id" if is_id else ".".join(map(str, found["loc"]))
    if found["type"] == "extra_forbidden":
        return f"{place!r} is not known; expected only {_CONTEXT_KEYS}. Rename it or take it out."
    plain = _PLAIN.get("int_type" if is_id and found["type"] == "string_type" else found["type"], found["msg"])
    if found["type"] == "missing":
        return f"{place!r} is missing; expected a row with 'id' and 'text'. Add it."
    return f"{place!r} {plain}, got {found['input']!a:.60}. Correct the row."
