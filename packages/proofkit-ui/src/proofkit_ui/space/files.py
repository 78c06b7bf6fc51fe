"""The files of a Space: what the Hub reads, what it installs, and what it starts."""

import json
import re
from collections.abc import Mapping
from enum import StrEnum

from pydantic import BaseModel, Field

from proofkit_ui.space.pins import PYTHON, TORCH, gradio_version, pinned

__all__ = ["Hardware", "SpacePlan", "space_files"]


class Hardware(StrEnum):
    """What a Space runs on."""

    CPU = "cpu"
    """Two cores, which the small model that comes along is made for."""
    ZERO = "zero"
    """Cards that ZeroGPU lends for each call."""


class SpacePlan(BaseModel, frozen=True, strict=True, extra="forbid"):
    """What a Space is to be."""

    hardware: Hardware = Hardware.CPU
    title: str = Field(default="ProofKit", min_length=1, max_length=60)
    model: str = Field(default="", pattern=r"^([A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*)?$")
    """For a card: id of a model at the Hugging Face hub, as Transformers saves it."""
    revision: str = Field(default="", pattern=r"^[\w.-]*$")
    """Which revision of it; a full commit is preloaded while the Space is built."""


_COMMIT = re.compile(r"[0-9a-f]{40}")
_ABOUT = """
Makes an honest, *simulated* work sample for the job you want: you say what you aim for, meet a made-up company, answer
short questions, and take along a document, a LinkedIn post, résumé bullets and talking points. The company is
fictional, invented figures are marked (h), and every file says that it is a practice piece.

What you type is kept by this Space, for you alone, until you delete it under *Your data* or the Space starts anew.
"""
_REQUIREMENTS = """# Written by `proofkit space`: what was installed where these files were made.
# ProofKit's own packages and its small model lie in this folder.
"""
_QUIET = """# Gradio would report each start to its makers; a Space's README cannot set variables.
os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
"""
_CPU_APP = f'''"""Starts ProofKit on this Space. Written by `proofkit space`; the settings are in proofkit.toml."""

import os
from pathlib import Path

from proofkit_ui.space.server import run_space

{_QUIET}
if __name__ == "__main__":
    run_space(Path(__file__).with_name("proofkit.toml"))
'''
_ZERO_APP = f'''"""Starts ProofKit on this Space. Written by `proofkit space`; the settings are in proofkit.toml."""

import spaces  # noqa: F401, I001 - first of all: it puts a stand-in for the card in place

import os
from pathlib import Path

from proofkit_serve.backends.zero_gpu import open_zero_gpu
from proofkit_ui.space.server import run_space

{_QUIET}
card = open_zero_gpu({{model}}{{revision}})  # while this file is imported, as ZeroGPU wants it

if __name__ == "__main__":
    run_space(Path(__file__).with_name("proofkit.toml"), card=card)
'''
_SETTINGS = """# Settings of the service. A variable of the Space wins, such as PROOFKIT_DATA_DIR.
host = "0.0.0.0"
port = 7860
log_level = "warning"
"""
_MODELS = """# The models of this Space: on a card, then on its processor, then the template, which always works.
[[model]]
id = "card"
name = {name}
backend = "zero_gpu"
fallbacks = ["embedded"]
limits = {{ first_token_s = 30.0 }}

[[model]]
id = "embedded"
name = "The small model that comes along"
backend = "llama_cpp"
limits = {{ first_token_s = 30.0 }}

[[model]]
id = "template"
name = "No model, the template writes"
backend = "template"
"""


def space_files(plan: SpacePlan) -> Mapping[str, str]:
    """Return the text files of a Space by name.

    Args:
        plan: What it is to be.

    Raises:
        InputError: Something that it needs is not installed here.
    """
    made = {"README.md": _readme(plan)}
    if plan.hardware is Hardware.CPU:
        made["requirements.txt"] = _requirements(pinned(["proofkit-ui[space]"]))
        made["app.py"] = _CPU_APP
        made["proofkit.toml"] = _SETTINGS
        return made
    roots = ["proofkit-ui[space]", "proofkit-serve[hf,transformers]"]
    made["requirements.txt"] = _requirements(pinned(roots, {"torch": TORCH}))
    revision = f", revision={json.dumps(plan.revision)}" if plan.revision else ""
    made["app.py"] = _ZERO_APP.format(model=json.dumps(plan.model), revision=revision)
    made["proofkit.toml"] = _SETTINGS + 'models = "models.toml"\n'
    made["models.toml"] = _MODELS.format(name=json.dumps(plan.model))
    return made


def _readme(plan: SpacePlan) -> str:
    """Return the page with the settings that the Hub reads; JSON is YAML, so titles may hold anything."""
    head: dict[str, object] = {
        "title": plan.title,
        "emoji": "🧭",
        "colorFrom": "green",
        "colorTo": "gray",
        "sdk": "gradio",
        "sdk_version": gradio_version(),
        "python_version": PYTHON,
        "app_file": "app.py",
        "license": "apache-2.0",
        "short_description": "Honest, simulated work samples",
        "startup_duration_timeout": "1h",
        "pinned": False,
    }
    if plan.hardware is Hardware.CPU:
        head["suggested_hardware"] = "cpu-basic"
    else:  # the Hub knows no such value for ZeroGPU: it is chosen in the Space's settings
        head["models"] = [plan.model]
        commit = f" {plan.revision}" if _COMMIT.fullmatch(plan.revision) else ""
        head["preload_from_hub"] = [plan.model if not commit else f"{plan.model} config.json{commit}"]
    lines = "".join(f"{key}: {json.dumps(value, ensure_ascii=False)}\n" for key, value in head.items())
    return f"---\n{lines}---\n\n# {plan.title}\n{_ABOUT}"


def _requirements(lines: tuple[str, ...]) -> str:
    return _REQUIREMENTS + "".join(f"{line}\n" for line in lines)
