"""The `proofkit` command. Nothing heavy is imported before a command is known, so that `--help` answers at once."""

import argparse
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from proofkit_ui.console.streams import safe_output, silence

EXIT_FINDINGS = 1
EXIT_BAD_INPUT = 2
EXIT_STOPPED = 130
EXIT_NOT_READ = 141
"""Whoever read the output went away, as `head` does; the code that a shell gives for it."""


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    parser = argparse.ArgumentParser(
        prog="proofkit",
        description="Makes an honest, simulated work sample and what makes it travel, offline, on your own computer.",
    )
    parser.add_argument("--version", action="version", version=f"proofkit {version('proofkit-ui')}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    _add_app(commands.add_parser("app", help="open the app in the browser (the default)", description=_APP))
    _add_make(commands.add_parser("make", help="make a packet from a brief", description=_MAKE))
    _add_check(commands.add_parser("check", help="check any text against your facts", description=_CHECK))
    _add_verify(commands.add_parser("verify", help="say whether a packet is unchanged", description=_VERIFY))
    _add_questions(commands.add_parser("questions", help="show the questions you can answer", description=_QUESTIONS))
    _add_roles(commands.add_parser("roles", help="list the roles ProofKit knows", description=_ROLES))
    _add_doctor(commands.add_parser("doctor", help="try out the models of a service", description=_DOCTOR))
    _add_space(commands.add_parser("space", help="write the files of a Hugging Face Space", description=_SPACE))
    return parser


_APP = (
    "Starts ProofKit on this computer and opens it in the browser. Everything stays here; your work is kept in your "
    "own folder, so that it is still there next time."
)
_MAKE = "Reads a brief and writes a packet: the work sample, a LinkedIn post, résumé bullets and talking points."
_CHECK = (
    "Checks any text against the facts of a brief and of its exercise: an edited file of a packet, or a draft of your "
    "own. Ends with 1 if a claim is not supported. With --jsonl, checks rows of JSON and prints an answer for each."
)
_VERIFY = "Says offline whether a packet, a zip or a PDF is unchanged, altered, or lacks its disclosure."
_QUESTIONS = (
    "Shows the role and the type of work sample that a brief leads to, and the guided questions with example answers. "
    "Answers go into the brief under [answers]."
)
_DOCTOR = (
    "Tries out each model: whether it may be asked, is reachable, answers, keeps to a schema and stops when it is told "
    "to; and how quick it is. Writes a report, and ends with 1 if a model cannot be used. The same as "
    "`proofkit-serve doctor`."
)
_SPACE = (
    "Writes a folder with everything that a Hugging Face Space needs to show the app: page, settings, exact versions, "
    "ProofKit itself and its model. Nothing is uploaded."
)
_ROLES = "Lists the roles of the catalogue with the types of work sample that fit each."


def _add_app(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", metavar="NAME", help="address to listen on (default: 127.0.0.1, this computer only)")
    parser.add_argument("--port", type=int, metavar="N", help="port to listen on (default: 8000, or any that is free)")
    parser.add_argument("--no-browser", action="store_true", help="only print the address")
    parser.add_argument("--data", type=Path, metavar="DIR", help="folder to keep your work in (default: your own)")
    parser.add_argument(
        "--model", choices=("embedded", "template"), help="which model writes at first (default: embedded)"
    )
    parser.add_argument("--config", type=Path, metavar="FILE", help="further settings of the service, a .toml file")


def _add_make(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("brief", type=Path, metavar="BRIEF", help="the brief, a .toml or .json file")
    parser.add_argument(
        "--out", type=Path, default=Path("packet"), metavar="DIR", help="folder to write (default: packet)"
    )
    parser.add_argument("--zip", action="store_true", help="also write everything as one zip file beside the folder")
    parser.add_argument(
        "--sources",
        action="store_true",
        help="add to work-sample.md an appendix that says where each statement comes from",
    )
    parser.add_argument(
        "--seed", type=int, default=0, metavar="N", help="another number gives another company (default: 0)"
    )
    parser.add_argument("--template-only", action="store_true", help="write without a model; quick, and always works")
    parser.add_argument(
        "--model", type=Path, metavar="FILE", help="a GGUF model file instead of the one that comes along"
    )
    parser.add_argument(
        "--time-limit",
        type=float,
        default=45.0,
        metavar="S",
        help="seconds for one piece of text, all tries together (default: 45)",
    )
    parser.add_argument("--semantic", action="store_true", help="match the role with a sentence encoder too (extra)")
    _add_output_choice(parser)


def _add_check(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "file",
        nargs="?",
        type=Path,
        metavar="FILE",
        help=".md, .txt, .json, .html, .docx or .pdf, a packet folder or its zip; - reads text from standard input",
    )
    parser.add_argument("--brief", type=Path, metavar="BRIEF", help="the brief that says what is true of you")
    parser.add_argument(
        "--packet",
        type=Path,
        metavar="DIR",
        help="the packet that the text is about (default: the one that FILE lies in)",
    )
    parser.add_argument("--seed", type=int, metavar="N", help="without a packet: the seed that it was made with")
    parser.add_argument(
        "--carrier",
        choices=("section", "bullet", "post", "talking_point", "export"),
        help="what the text is (default: by the name of FILE)",
    )
    parser.add_argument(
        "--fix", action="store_true", help="write the safe changes into FILE; the text as it was stays as FILE.bak"
    )
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    parser.add_argument(
        "--jsonl", metavar="ROWS", help="check the rows of this file instead, one JSON object a line; - reads them"
    )


def _add_verify(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", type=Path, metavar="PATH", help="a packet folder, its zip, or its PDF")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def _add_questions(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("brief", type=Path, metavar="BRIEF", help="the brief, a .toml or .json file")


def _add_roles(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--family", default="", metavar="NAME", help="only the families whose name holds this")


def _add_doctor(parser: argparse.ArgumentParser) -> None:
    # The same as `proofkit-serve doctor` takes; importing that only for `--help` would take a tenth of a second.
    parser.add_argument("--config", type=Path, metavar="FILE", help="the settings of the service, a .toml file")
    parser.add_argument(
        "--json",
        metavar="FILE",
        help="write the report there instead of the service's data folder; - prints it instead of the table",
    )
    parser.add_argument(
        "--model", action="append", default=[], metavar="ID", help="only this model; may be given several times"
    )


def _add_space(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="folder to write")
    parser.add_argument(
        "--hardware",
        choices=("cpu", "zero"),
        default="cpu",
        help="what it runs on (default: cpu; zero: ZeroGPU)",
    )
    parser.add_argument("--model", default="", metavar="ID", help="for zero: a model at the Hugging Face hub")
    parser.add_argument("--revision", default="", metavar="NAME", help="for zero: which revision of the model")
    parser.add_argument("--title", default="ProofKit", help="the Space's name (default: ProofKit)")
    parser.add_argument("--force", action="store_true", help="write over the files of a folder that is not empty")


def _add_output_choice(parser: argparse.ArgumentParser) -> None:
    choice = parser.add_mutually_exclusive_group()
    choice.add_argument("--quiet", action="store_true", help="print nothing but errors")
    choice.add_argument("--json", action="store_true", help="print the summary as JSON, and no progress")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        argv: Arguments without the program's name; the process's own by default.

    Returns:
        0 done, 1 a finding such as an altered packet, 2 bad input with nothing written, 130 stopped by the person, 141
        nobody reads the output any more.
    """
    try:
        with safe_output():
            return _run(argv)
    except BrokenPipeError:
        silence(sys.stdout)
        return EXIT_NOT_READ
    except OSError as error:
        silence(sys.stdout)
        return _told_refusal(error)


def _run(argv: Sequence[str] | None) -> int:
    given = list(sys.argv[1:] if argv is None else argv)
    args = build_parser().parse_args(["app", *given] if _names_no_command(given) else given)
    from proofkit_prompts.errors import ProofKitError  # noqa: PLC0415 - after parsing, so that --help stays quick
    from proofkit_ui.commands.dispatch import run  # noqa: PLC0415 - the same

    try:
        return run(args)
    except KeyboardInterrupt:
        print("Stopped. Nothing was written.", file=sys.stderr)
        return EXIT_STOPPED
    except ProofKitError as error:
        return _told(error)


def _names_no_command(given: Sequence[str]) -> bool:
    """Say whether the app is meant, as by somebody who types `proofkit` alone or with an option of the app."""
    return not given or (given[0].startswith("-") and given[0] not in {"-h", "--help", "--version"})


def _told_refusal(error: OSError) -> int:
    """Say what the computer refused; only a file that was opened by name has a name to tell."""
    why = error.strerror or type(error).__name__
    what = f"{error.filename} cannot be used" if error.filename else "The folder or the output cannot be used"
    told = f"proofkit: {what} ({why}). A packet that was written before is complete. Check the place and the disk."
    try:
        print(told, file=sys.stderr)
    except OSError:  # standard error is as broken as standard output, so there is nobody to tell
        silence(sys.stderr)
    return EXIT_BAD_INPUT


def _told(error: Exception) -> int:
    from proofkit_core.errors import ExportRefusedError, GenerationCancelledError  # noqa: PLC0415 - see main

    if isinstance(error, GenerationCancelledError):
        print("Stopped. Nothing was written.", file=sys.stderr)
        return EXIT_STOPPED
    print(f"proofkit: {error}", file=sys.stderr)
    return EXIT_FINDINGS if isinstance(error, ExportRefusedError) else EXIT_BAD_INPUT


if __name__ == "__main__":
    raise SystemExit(main())
