"""Make GGUF files of a trained adapter, with a model card: the adapter itself, the merged model, or both."""

import argparse
from pathlib import Path

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument("adapter", type=Path, metavar="ADAPTER_DIR", help="the adapter's folder inside its run")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder for the files")
    parser.add_argument(
        "--base",
        default="embedded",
        help="the base it was trained on: embedded (default), a GGUF file, a folder or hub:OWNER/NAME",
    )
    parser.add_argument("--revision", default="", help="commit of a base on the hub")
    parser.add_argument(
        "--adapter-gguf",
        nargs="?",
        const="f16",
        choices=["f16", "f32", "q8_0"],
        help="write the adapter as GGUF, to be loaded beside the base (f16 where no type is given)",
    )
    parser.add_argument(
        "--merge",
        action="append",
        default=[],
        choices=["f16", "q8_0", "q6_k", "q5_1", "q4_k_m", "q4_1", "q4_0"],
        help="write the merged model, stored like this; may be given several times",
    )
    parser.add_argument("--name", help="start of the files' names; the recipe's name where it is left out")
    parser.add_argument("--licence", default="", help="licence of the base, where its file does not say it")
    parser.add_argument(
        "--compare",
        action="store_true",
        help="compare each file's answers with the trained model (needs the extra dense)",
    )
    parser.add_argument("--threads", type=int, default=0, help="threads to use; 0 for free cores")


def run(parsed: argparse.Namespace) -> int:
    """Export.

    Returns:
        0.

    Raises:
        TrainError: Something was refused or could not be written; nothing half-written is left.
    """
    from proofkit_train.artifact.card import model_card  # noqa: PLC0415
    from proofkit_train.artifact.exporting import open_export  # noqa: PLC0415
    from proofkit_train.artifact.output import write_text  # noqa: PLC0415 - help must be quick
    from proofkit_train.base.source import resolve_base  # noqa: PLC0415
    from proofkit_train.errors import TrainError  # noqa: PLC0415

    if not parsed.adapter_gguf and not parsed.merge:
        raise TrainError("Got nothing to write. Expected --adapter-gguf, --merge TYPE, or both.")
    source = resolve_base(parsed.base, revision=parsed.revision)
    exporter = open_export(parsed.adapter, source, parsed.out, say=print, name=parsed.name, with_parity=parsed.compare)
    files = [exporter.write_adapter(parsed.adapter_gguf.upper())] if parsed.adapter_gguf else []
    files += exporter.write_merged(list(dict.fromkeys(parsed.merge)), parsed.threads) if parsed.merge else []
    write_text(parsed.out / "MODEL_CARD.md", model_card(exporter, files, parsed.licence))
    exporter.finish(files)
    print(f"model card and record in {parsed.out}")
    return 0
