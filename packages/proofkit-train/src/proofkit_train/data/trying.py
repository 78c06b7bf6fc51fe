"""Tries a case while it is written: every row it gives, and why one was refused."""

import sys
from collections import Counter
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from proofkit_prompts import load_contract
from proofkit_train.base.source import resolve_base
from proofkit_train.base.tokenizer import open_tokenizer
from proofkit_train.data.case import Case
from proofkit_train.data.gate import CountTokens
from proofkit_train.data.pieces import Piece, make_pieces
from proofkit_train.data.reading import read_case
from proofkit_train.data.row import Rejected, Row
from proofkit_train.data.variation import Variation
from proofkit_train.data.world import open_world
from proofkit_train.errors import MaterialError

SEED = 0


def pieces_of(case: Case, number: int, *, seed: int = SEED) -> list[Piece]:
    """Return every row, or why there is none, of one variation of a case."""
    world = open_world(case, Variation(case.id, number, seed))
    return list(make_pieces(world, load_contract(), _count_tokens()))


@cache
def _count_tokens() -> CountTokens | None:
    if find_spec("tokenizers") is None:  # comes with an extra; without it nothing is said about tokens
        return None
    tokenizer = open_tokenizer(resolve_base("embedded"))
    return lambda text: len(tokenizer.encode(text))


def print_tried(paths: list[Path], *, grown: int, show: int) -> int:
    """Print what becomes of some cases.

    Args:
        paths: Case files.
        grown: Number of variations to grow.
        show: Number of the variation whose targets are printed whole; below 0 none.

    Returns:
        1 if a file is broken or an original row is refused.
    """
    return max(_print_case(path, grown=grown, show=show) for path in paths)


def _print_case(path: Path, *, grown: int, show: int) -> int:
    out = sys.stdout
    try:
        case = read_case(path)
    except MaterialError as error:
        out.write(f"BROKEN {error}\n")
        return 1
    for piece in pieces_of(case, show) if show >= 0 else []:
        if isinstance(piece, Row):
            out.write(f"\n--- {piece.id}\n    kept: {' | '.join(piece.must_keep)}\n{piece.target}\n")
    refused: list[Rejected] = []
    counts: Counter[str] = Counter()
    for number in range(grown + 1):
        for piece in pieces_of(case, number):
            counts[f"{'hand' if number == 0 else 'grown'} {'refused' if isinstance(piece, Rejected) else 'rows'}"] += 1
            if isinstance(piece, Rejected):
                refused.append(piece)
    for piece in refused:
        out.write(f"\nREFUSED {piece.id}: {piece.reason}: {piece.detail}\n    {piece.target[:300]!r}\n")
    out.write(f"\n{case.id}: {', '.join(f'{count} {name}' for name, count in sorted(counts.items()))}\n")
    return int(any(piece.source == "hand" for piece in refused))
