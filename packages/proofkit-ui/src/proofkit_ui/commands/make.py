"""`proofkit make`: a brief in, a packet out."""

import argparse
import re
import signal
import threading
import time
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from importlib.metadata import version
from pathlib import Path
from types import FrameType

from pydantic import BaseModel

from proofkit_core.brief_file import load_brief
from proofkit_core.errors import GenerationCancelledError, InputError, ModelUnavailableError
from proofkit_core.export import check_output, write_packet
from proofkit_core.generation import Candidate, Embedder, TextGenerator
from proofkit_core.making import NO_MODEL, Workshop, make_packet
from proofkit_core.packet import Fallback, FallbackReason
from proofkit_core.roles.catalog import load_catalogue
from proofkit_core.roles.index import add_vectors, build_index
from proofkit_prompts import load_contract
from proofkit_ui.console.progress import open_progress
from proofkit_ui.console.summary import print_summary


class MakeOptions(BaseModel, frozen=True, strict=True, extra="forbid"):
    """What the person asked for on the command line."""

    brief: Path
    out: Path
    zip: bool
    sources: bool
    seed: int
    template_only: bool
    model: Path | None
    time_limit: float
    semantic: bool
    quiet: bool
    json_summary: bool


def run_make(args: argparse.Namespace) -> int:
    """Make a packet, write it and tell what was made.

    Raises:
        ProofKitError: The brief, the output folder or a setting cannot be used, or the person stopped the run.
    """
    given = {name: value for name, value in vars(args).items() if name not in {"command", "json"}}
    options = MakeOptions(**given, json_summary=args.json)
    if not options.time_limit > 0:
        raise InputError(f"--time-limit is {options.time_limit:g}; expected a number of seconds above 0.")
    started = time.perf_counter()
    loaded = load_brief(options.brief)
    check_output(options.out, zip_file=options.zip)
    with ExitStack() as stack:
        stop = stack.enter_context(_stop_on_interrupt())
        show = stack.enter_context(open_progress(silent=options.quiet or options.json_summary))
        if not options.template_only:
            show.say("Opening the model; the first time takes some seconds more")
        workshop = _open_workshop(options, stack)
        packet = make_packet(
            loaded.brief,
            workshop,
            seed=options.seed,
            notices=loaded.notices,
            cancel=stop,
            on_progress=show.on_progress,
        )
        if stop.is_set():
            raise GenerationCancelledError("Stopped before the files were written; nothing was written.")
        show.say("Writing the files")
        written = write_packet(packet, options.out, zip_file=options.zip, sources=options.sources)
    if not options.quiet:
        print_summary(packet, options.out, written, seconds=time.perf_counter() - started, as_json=options.json_summary)
    return 0


def _open_workshop(options: MakeOptions, stack: ExitStack) -> Workshop:
    generator, why = (None, NO_MODEL) if options.template_only else _open_model(options.model, stack)
    embedder = _open_embedder() if options.semantic else None
    index = build_index(load_catalogue())
    return Workshop(
        contract=load_contract("v1"),
        index=add_vectors(index, embedder) if embedder else index,
        product_version=version("proofkit-core"),
        candidates=(Candidate(generator),) if generator else (),
        why_no_model=why,
        embedder=embedder,
        time_limit_s=options.time_limit,
    )


def _open_model(path: Path | None, stack: ExitStack) -> tuple[TextGenerator | None, Fallback]:
    """Open the model; a missing or broken one costs the person nothing but the model's help, and they are told."""
    from proofkit_serve import open_llama_cpp  # noqa: PLC0415 - a template-only run needs no engine

    try:
        return stack.enter_context(open_llama_cpp(path)), NO_MODEL
    except ModelUnavailableError as error:
        message, detail = "the model could not be opened", _without_folders(str(error))
        return None, Fallback(reason=FallbackReason.MODEL_UNAVAILABLE, message=message, detail=detail)


def _without_folders(told: str) -> str:
    """Return an error with its files' names alone: it is kept in the packet, and folders tell who somebody is."""
    return re.sub(r"""(["'])(?:(?!\1).)*[/\\]((?:(?!\1)[^/\\])+)\1""", r"\1\2\1", told)


def _open_embedder() -> Embedder:
    from proofkit_serve import open_sentence_transformers  # noqa: PLC0415 - needs the extra `semantic`

    return open_sentence_transformers()


@contextmanager
def _stop_on_interrupt() -> Generator[threading.Event]:
    """Turn the first Ctrl-C into a stop signal that a running model sees within 200 ms; a second one ends at once."""
    stop = threading.Event()

    def on_interrupt(_signal: int, _frame: FrameType | None) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()

    before = signal.signal(signal.SIGINT, on_interrupt)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)
