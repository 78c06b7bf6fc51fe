"""Writes the files of an export, and says what to do where that fails."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from proofkit_train import writing
from proofkit_train.errors import ModelFileError

__all__ = ["changed", "make_folder", "remove_halves", "write_text", "written"]


@contextmanager
def written(path: Path) -> Generator[Path]:
    """Yield a place beside a file; what was written there gets the final name at the end, and only then.

    Args:
        path: The final name; a file that has it already is replaced.

    Raises:
        ModelFileError: The file could not be written; nothing is left, and a former file is untouched.
    """
    try:
        with writing.written(path) as half:
            yield half
            half.chmod(0o644)  # whoever may open the folder may read what is there to be published
    except OSError as error:
        raise ModelFileError(
            f"{str(path)!r} could not be written: {error.strerror or error}. Expected room and permission there. Free "
            f"some disk space or name another folder, and run it again; nothing was left under that name."
        ) from error


def write_text(path: Path, text: str) -> None:
    """Write a text file.

    Raises:
        ModelFileError: It could not be written; nothing is left.
    """
    with written(path) as half:
        half.write_bytes(text.encode())


def make_folder(folder: Path) -> None:
    """Make a folder if there is none.

    Raises:
        ModelFileError: It could not be made.
    """
    with changed(f"The folder {str(folder)!r} could not be made"):
        folder.mkdir(parents=True, exist_ok=True)


def remove_halves(folder: Path) -> None:
    """Remove what a killed process left half-written in a folder.

    Raises:
        ModelFileError: It could not be removed.
    """
    with changed(f"What a stopped export left in {str(folder)!r} could not be removed"):
        writing.remove_halves(folder)


@contextmanager
def changed(failure: str) -> Generator[None]:
    """Say what to do where a change in the folder of an export fails.

    Args:
        failure: What could not be done.

    Raises:
        ModelFileError: It could not be done.
    """
    try:
        yield
    except OSError as error:
        raise ModelFileError(
            f"{failure}: {error.strerror}. Expected a folder to write to. Name another folder."
        ) from error
