"""`proofkit space`: writes the files of a Hugging Face Space that shows the app."""

import argparse
from pathlib import Path

from pydantic import ValidationError

from proofkit_core.errors import InputError
from proofkit_ui.space.files import Hardware, SpacePlan, space_files
from proofkit_ui.space.sources import copy_packages

_NEXT = """Wrote a Space into {folder}.
Try it here with `python {folder}/app.py`, then upload it:
  hf upload OWNER/NAME {folder} . --repo-type space
"""
_ZERO = "Choose ZeroGPU in the settings of the Space: its README cannot.\n"


def run_space_files(args: argparse.Namespace) -> int:
    """Write the folder.

    Returns:
        0 once it is written.

    Raises:
        InputError: The folder holds something already, a card has no model, or something is not installed.
    """
    folder: Path = args.folder
    _require_room(folder, force=args.force)
    plan = _plan(args)
    made = space_files(plan)  # before anything is written: it may be refused
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in made.items():
        (folder / name).write_text(text, encoding="utf-8")
    copy_packages(folder)
    print(_NEXT.format(folder=folder) + (_ZERO if plan.hardware is Hardware.ZERO else ""), end="")
    return 0


def _require_room(folder: Path, *, force: bool) -> None:
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder} is a file. Expected a folder, or a name that is free. Choose another one.")
    if not force and folder.is_dir() and any(folder.iterdir()):
        raise InputError(
            f"{folder} is not empty. Expected an empty folder, or one that is not there yet. Choose another one, or "
            f"write over its files with --force."
        )


def _plan(args: argparse.Namespace) -> SpacePlan:
    hardware = Hardware(args.hardware)
    if (hardware is Hardware.ZERO) != bool(args.model):
        raise InputError(
            f"Got --hardware {hardware.value} {'with' if args.model else 'without'} --model. Expected a model of the "
            f"Hugging Face hub for a card, and none for the processor, whose model comes along. Correct one of them."
        )
    try:
        return SpacePlan(hardware=hardware, title=args.title, model=args.model, revision=args.revision)
    except ValidationError as error:
        wrong = ", ".join(f"--{problem['loc'][0]}" for problem in error.errors())
        raise InputError(
            f"{wrong} cannot be used. Expected a title of at most 60 letters, an id such as 'owner/model', and a "
            f"revision without spaces. Correct it."
        ) from error
