"""Lanes: versions that were run together, and pairs that must not meet."""

import tomllib
from pathlib import Path

import pytest

from proofkit_train.errors import PreflightError, RecipeError
from proofkit_train.sft.lanes import check_versions, imported_versions, load_lane

ROOT = Path(__file__).parents[3]


def test_the_lane_is_what_the_extra_installs() -> None:
    project = tomllib.loads((ROOT / "packages/proofkit-train/pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = [*project["dependencies"], *project["optional-dependencies"]["dense"]]
    pins = dict(one.split("==") for one in asked if "==" in one)
    lock = load_lane("dense").lock
    assert {name: pins[name] for name in lock} == lock


def test_the_imported_versions_are_those_of_the_lane() -> None:
    pytest.importorskip("trl")
    lane = load_lane("dense")
    found = imported_versions(lane.lock)
    assert found.keys() == lane.lock.keys()
    check_versions(lane, found)


def test_another_version_is_refused_by_name() -> None:
    lane = load_lane("dense")
    with pytest.raises(PreflightError, match=r"Got trl 1\.15\.0\. The lane 'dense' was run with .*trl 1\.16\.0"):
        check_versions(lane, {**lane.lock, "trl": "1.15.0"})


@pytest.mark.parametrize(
    ("versions", "issue"),
    [
        ({"transformers": "4.57.6", "peft": "0.21.2"}, "peft#3165"),
        ({"peft": "0.18.1"}, "peft#2912"),
        ({"transformers": "5.10.1", "kernels": "0.15.0"}, "transformers#46291"),
    ],
)
def test_a_forbidden_pair_is_refused_with_its_issue(versions: dict[str, str], issue: str) -> None:
    lane = load_lane("dense")
    with pytest.raises(PreflightError, match=issue):
        check_versions(lane, {**lane.lock, **versions})


def test_a_package_that_is_not_installed_is_named() -> None:
    with pytest.raises(PreflightError, match="'proofkit_nowhere' could not be imported"):
        imported_versions({"proofkit_nowhere": "1.0"})


def test_an_unknown_lane_is_refused() -> None:
    with pytest.raises(RecipeError, match="Expected one of dense"):
        load_lane("dens")
