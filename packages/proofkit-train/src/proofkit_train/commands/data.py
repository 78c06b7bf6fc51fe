"""Builds the data set from hand-written cases, rebuilds it to compare digests, and shows what is in it."""

import argparse
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from proofkit_train.data.audit import Audit
    from proofkit_train.data.row import Row

DEFAULT_FOLDER = Path("data-set")
DEFAULT_MAX_LENGTH = 1536


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the subcommands of `data`."""
    commands = parser.add_subparsers(dest="data_command", required=True, metavar="COMMAND")
    build = commands.add_parser("build", help="build the data set", description="Builds the data set into a folder.")
    build.add_argument("--out", type=Path, default=DEFAULT_FOLDER, metavar="DIR", help="folder to write")
    build.add_argument("--seed", type=int, default=0, metavar="N", help="another number makes other choices")
    build.add_argument("--variations", type=int, default=None, metavar="N", help="grown variations of each case")
    build.add_argument("--tokens", default="", metavar="BASE", help="also write the rows as tokens of this base")
    build.add_argument("--parquet", action="store_true", help="also write each split as Parquet (extra)")
    build.add_argument("--card", type=Path, metavar="FILE", help="also audit the rows and write the data card")
    _add_workers(build)
    build.set_defaults(run_data=_build)
    check = commands.add_parser(
        "check", help="rebuild the data set and compare", description="Ends with 1 on a difference."
    )
    check.add_argument("folder", type=Path, nargs="?", default=DEFAULT_FOLDER, metavar="DIR")
    check.add_argument("--digest", metavar="FILE", help="compare with the digest in this file instead of a folder")
    _add_workers(check)
    check.set_defaults(run_data=_check)
    look = commands.add_parser("look", help="show random rows as a person reads them")
    look.add_argument("folder", type=Path, nargs="?", default=DEFAULT_FOLDER, metavar="DIR")
    look.add_argument("--rows", type=int, default=5, metavar="N")
    look.add_argument("--seed", type=int, default=0, metavar="N", help="another number draws other rows")
    look.add_argument("--task", default="", metavar="TASK", help="rows of this task only")
    look.add_argument("--source", choices=("hand", "grown"), help="rows of this kind only")
    look.add_argument("--split", default="train", metavar="SPLIT")
    look.set_defaults(run_data=_look)
    audit = commands.add_parser(
        "audit", help="measure the data set", description="Ends with 1 if something must not be."
    )
    audit.add_argument("folder", type=Path, nargs="?", default=DEFAULT_FOLDER, metavar="DIR")
    audit.add_argument("--base", default="embedded", metavar="BASE", help="base whose tokens are counted")
    audit.add_argument("--max-length", type=int, default=DEFAULT_MAX_LENGTH, metavar="N", help="a recipe's limit")
    audit.set_defaults(run_data=_audit)
    case = commands.add_parser("case", help="try hand-written cases and print what they give")
    case.add_argument("files", type=Path, nargs="+", metavar="FILE")
    case.add_argument("--grown", type=int, default=6, metavar="N", help="variations to grow (default: 6)")
    case.add_argument("--show", type=int, default=0, metavar="N", help="print the targets of variation N whole")
    case.set_defaults(run_data=_case)


def _add_workers(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--workers", type=int, default=0, metavar="N", help="processes (default: one a core)")


def run(parsed: argparse.Namespace) -> int:
    """Run a subcommand."""
    return int(parsed.run_data(parsed))


def _build(parsed: argparse.Namespace) -> int:
    from proofkit_prompts import load_contract  # noqa: PLC0415 - keeps help quick
    from proofkit_train.data.build import BuildPlan, build_rows, cores  # noqa: PLC0415
    from proofkit_train.data.files import make_manifest, split_files, write_data_set  # noqa: PLC0415

    given = {} if parsed.variations is None else {"variations": parsed.variations}
    plan = BuildPlan(seed=parsed.seed, **given)
    built = build_rows(plan, workers=parsed.workers or cores(), on_case=_say)
    contents = split_files(built.rows)
    refused = dict(Counter(piece.reason for piece in built.rejected))
    manifest = make_manifest(built.rows, contents, plan=plan, contract=load_contract(), refused=refused)
    write_data_set(parsed.out, contents, manifest)
    if parsed.tokens:
        from proofkit_train.data.tokenized import write_tokens  # noqa: PLC0415

        write_tokens(parsed.out, built.rows, parsed.tokens)
    if parsed.parquet:
        from proofkit_train.data.parquet import write_parquet  # noqa: PLC0415

        write_parquet(parsed.out, built.rows)
    if parsed.card:
        from proofkit_train.data.report import audit_lines, data_card  # noqa: PLC0415
        from proofkit_train.writing import write_bytes  # noqa: PLC0415

        found = _audited(list(built.rows), "embedded", DEFAULT_MAX_LENGTH)
        card = data_card(manifest, list(audit_lines(found, built.rejected)))
        write_bytes(parsed.card, card.encode())
    told = f"{len(built.rows)} rows written to {parsed.out}, {len(built.rejected)} targets turned down"
    print(f"{told}\nrows digest {manifest.rows_digest}")
    return 0


def _say(case: str) -> None:
    print(f"  {case}", file=sys.stderr)


def _check(parsed: argparse.Namespace) -> int:
    from proofkit_train.data.build import cores  # noqa: PLC0415
    from proofkit_train.data.check import find_differences, matches_digest  # noqa: PLC0415

    workers = parsed.workers or cores()
    if parsed.digest:
        found = matches_digest(Path(parsed.digest), workers=workers)
    else:
        found = find_differences(parsed.folder, workers=workers)
    for line in found:
        print(line)
    print("zero diff" if not found else f"{len(found)} differences; build the data set again and review the change")
    return int(bool(found))


def _look(parsed: argparse.Namespace) -> int:
    from proofkit_train.data.files import read_split  # noqa: PLC0415
    from proofkit_train.data.look import draw_rows, show_row  # noqa: PLC0415

    rows = [row for row in read_split(parsed.folder, parsed.split) if parsed.task in {"", row.task}]
    rows = [row for row in rows if parsed.source in {None, row.source}]
    for row in draw_rows(rows, count=parsed.rows, seed=parsed.seed):
        print(show_row(row))
    return 0


def _audit(parsed: argparse.Namespace) -> int:
    from proofkit_train.data.files import read_manifest, read_split  # noqa: PLC0415
    from proofkit_train.data.report import audit_lines, is_clean  # noqa: PLC0415
    from proofkit_train.data.split import SPLITS  # noqa: PLC0415

    manifest = read_manifest(parsed.folder)
    filled = [split for split in SPLITS if sum(manifest.counts[split].values())]
    found = _audited(
        [row for split in filled for row in read_split(parsed.folder, split)], parsed.base, parsed.max_length
    )
    print("\n".join(audit_lines(found)))
    return 0 if is_clean(found) else 1


def _audited(rows: "list[Row]", base: str, max_length: int) -> "Audit":
    from proofkit_prompts import load_contract  # noqa: PLC0415
    from proofkit_train.base.source import resolve_base  # noqa: PLC0415
    from proofkit_train.base.tokenizer import open_tokenizer  # noqa: PLC0415
    from proofkit_train.data.audit import audit_rows  # noqa: PLC0415

    tokenizer, contract = open_tokenizer(resolve_base(base)), load_contract()
    return audit_rows(
        rows,
        count_tokens=lambda text: len(tokenizer.encode(text)),
        max_length=max_length,
        most_tokens={task: contract.spec(task).max_tokens for task in contract.tasks},
    )


def _case(parsed: argparse.Namespace) -> int:
    from proofkit_train.data.trying import print_tried  # noqa: PLC0415

    return print_tried(parsed.files, grown=parsed.grown, show=parsed.show)
