"""Decides which rows are trained on: by role, and by case, so that no person stands on both sides."""

import tomllib
from functools import cache

from pydantic import BaseModel

from proofkit_train.data.case import Case
from proofkit_train.data.reading import material_folder

TRAIN, VALIDATION, TEST, TEST_PEOPLE = "train", "validation", "test", "test_people"
SPLITS = (TRAIN, VALIDATION, TEST, TEST_PEOPLE)
"""`test` holds roles that training never meets; `test_people` holds new people of roles it knows."""


class HeldOut(BaseModel, frozen=True, strict=True, extra="forbid"):
    """What is kept out of training."""

    test_roles: tuple[str, ...]
    validation_roles: tuple[str, ...]
    test_people_cases: tuple[str, ...]


@cache
def held_out() -> HeldOut:
    """Return what the file `splits.toml` keeps out of training."""
    text = material_folder().joinpath("splits.toml").read_text(encoding="utf-8")
    return HeldOut.model_validate(tomllib.loads(text), strict=False)


def split_of(case: Case, held: HeldOut) -> str:
    """Return the split of all rows of a case."""
    if case.role in held.test_roles:
        return TEST
    if case.role in held.validation_roles:
        return VALIDATION
    return TEST_PEOPLE if case.id in held.test_people_cases else TRAIN
