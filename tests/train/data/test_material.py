"""The hand-written material is whole, and a case that breaks its form is named with the place."""

from pathlib import Path

import pytest

from proofkit_core.roles.catalog import load_catalogue
from proofkit_train.data.reading import load_cases, read_case
from proofkit_train.data.split import held_out, split_of
from proofkit_train.errors import MaterialError

CASES = load_cases()
GOOD = Path(__file__).parents[3] / "packages/proofkit-train/src/proofkit_train/material/cases"


def _broken(tmp_path: Path, old: str, new: str) -> Path:
    source = next(path for path in sorted(GOOD.glob("*/*.toml")) if old in path.read_text(encoding="utf-8"))
    target = tmp_path / source.name
    target.write_text(source.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    return target


def test_the_cases_cover_at_least_forty_roles() -> None:
    assert len({case.role for case in CASES}) >= 40


def test_at_least_half_of_the_types_of_work_sample_are_written_for() -> None:
    assert len({case.sample for case in CASES}) >= 15


def test_held_out_roles_exist_and_are_never_trained_on() -> None:
    held = held_out()
    known = {entry.role.id for entry in load_catalogue()}
    named = {*held.test_roles, *held.validation_roles}
    assert named <= known
    trained = {case.role for case in CASES if split_of(case, held) == "train"}
    assert not named & trained
    assert set(held.test_people_cases) <= {case.id for case in CASES}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('role = "', 'role = "no-such-', "catalogue"),
        ('sample = "', 'sample = "no-such-', "work sample"),
        ("[post]", "[post", "Expected ']'"),
        ("@notes", "@note", "unknown marker"),
        ("{company}", "{compani}", "unknown {compani}"),
        ("[bullets]", "[bulets]", "bulets"),
        ('keeps = ["', 'keeps = ["no-', "does not exist"),
    ],
)
def test_a_case_that_breaks_its_form_is_refused_with_its_name(tmp_path: Path, old: str, new: str, said: str) -> None:
    path = _broken(tmp_path, old, new)
    with pytest.raises(MaterialError) as caught:
        read_case(path)
    assert path.stem in str(caught.value)
    assert said in str(caught.value)


def test_no_two_people_of_the_material_have_the_same_background() -> None:
    told = [person.background for case in CASES for person in case.person]
    assert len(told) == len(set(told))
