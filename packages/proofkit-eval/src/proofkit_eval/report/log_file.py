"""The log as one JSON file: what was run, every answer and verdict, and what came out.

A name that ends in `.gz` stands for the same file, compressed; the same log gives the same bytes.
"""

import gzip
import json
import os
import zlib
from contextlib import suppress
from pathlib import Path
from typing import cast

from pydantic import ValidationError

from proofkit_core.errors import InputError, OutputPathError
from proofkit_eval.board.records import BOARD_SCHEMA, Board
from proofkit_eval.logs.keys import check_sealed
from proofkit_eval.logs.records import fault_of
from proofkit_eval.records import LOG_SCHEMA, EvalLog

__all__ = ["board_of", "read_log_file", "with_board", "write_log_file", "write_text"]

PACKED = ".gz"


def with_board(log: EvalLog, board: Board) -> EvalLog:
    """Return a log that holds a board."""
    return log.model_copy(update={"results": board.model_dump(mode="json")})


def board_of(log: EvalLog) -> Board:
    """Return the board of a log.

    Raises:
        InputError: The log holds none, or one of another version.
    """
    if not log.results:
        raise InputError("The log holds no board yet. Run `proofkit-eval board` on it first.")
    if log.results.get("schema_version") != BOARD_SCHEMA:
        raise InputError(
            f"The board in the log has schema version {log.results.get('schema_version')!r}, and this program reads "
            f"{BOARD_SCHEMA}. Run `proofkit-eval board` again; answers and verdicts stay as they are."
        )
    try:
        return Board.model_validate_json(json.dumps(log.results))
    except ValidationError as error:
        raise InputError(
            f"The board in the log is none of this version: {fault_of(error)}. Run `proofkit-eval board` again; "
            "answers and verdicts stay as they are."
        ) from error


def write_log_file(path: Path, log: EvalLog) -> None:
    """Write a log, whole or not at all; keys stand in the order of the schema, so that two logs can be compared.

    Raises:
        OutputPathError: The file cannot be written.
    """
    text = json.dumps(log.model_dump(mode="json"), ensure_ascii=False, indent=1, allow_nan=False) + "\n"
    content = text.encode()
    _write(path, gzip.compress(content, 9, mtime=0) if path.suffix == PACKED else content)


def read_log_file(path: Path) -> EvalLog:
    """Read a log.

    Raises:
        InputError: It cannot be read, is of another version, breaks the schema, or its spec was changed afterwards.
    """
    try:
        content = path.read_bytes()
        text = (gzip.decompress(content) if path.suffix == PACKED else content).decode()
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise InputError(f"The log {str(path)!r} cannot be read: {error}. Expected the JSON file of a run.") from error
    try:
        data: object = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        raise InputError(f"The log {str(path)!r} is no JSON: {error}. Take the file from the run again.") from error
    version = cast("dict[str, object]", data).get("schema_version") if isinstance(data, dict) else None
    if version != LOG_SCHEMA:
        raise InputError(
            f"The log {str(path)!r} has schema version {version!r}, and this program reads {LOG_SCHEMA}. Use the "
            "version of ProofKit that wrote it, or run the evaluation again."
        )
    try:
        log = EvalLog.model_validate_json(text)
    except ValidationError as error:
        raise InputError(
            f"The log {str(path)!r} breaks its schema: {fault_of(error)}. Take the file from the run again."
        ) from error
    check_sealed(log.spec)
    return log


def write_text(path: Path, text: str) -> None:
    """Write a file, whole or not at all; lines end as they end in the text.

    Raises:
        OutputPathError: It cannot be written.
    """
    _write(path, text.encode())


def _write(path: Path, content: bytes) -> None:
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside.write_bytes(content)
        beside.replace(path)
    except OSError as error:
        with suppress(OSError):  # its folder may be none
            beside.unlink(missing_ok=True)
        raise OutputPathError(
            f"{str(path)!r} cannot be written: {error.strerror}. Expected a place that this program may write to."
        ) from error
