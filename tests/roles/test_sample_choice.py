import pytest

from proofkit_core.errors import DataError
from proofkit_core.roles.catalog import load_catalogue
from proofkit_core.roles.records import RoleRecord
from proofkit_core.roles.sample_choice import choose_sample
from proofkit_core.samples.catalog import load_sample_types

TYPES = load_sample_types()


def role(role_id: str = "project-manager") -> RoleRecord:
    return next(entry.role for entry in load_catalogue() if entry.role.id == role_id)


@pytest.mark.parametrize("preferred", ["", "  "])
def test_no_wish_takes_the_role_s_first_sample_without_a_word(preferred: str) -> None:
    choice = choose_sample(preferred, role(), TYPES)
    assert choice.sample.id == role().work_samples[0]
    assert choice.notices == ()


@pytest.mark.parametrize("sample", TYPES, ids=lambda sample: sample.id)
def test_every_name_of_a_sample_is_understood(sample: object) -> None:
    wanted = next(s for s in TYPES if s is sample)
    for name in (wanted.id, wanted.title, wanted.title.upper(), f" {wanted.id.replace('-', '_')} ", *wanted.aliases):
        choice = choose_sample(name, role(), TYPES)
        assert choice.sample.id == wanted.id, name
        assert choice.notices == ()


def test_misspelt_wish_is_understood_and_told() -> None:
    choice = choose_sample("rsik plan", role(), TYPES)
    assert choice.sample.id == "risk-plan"
    assert choice.notices == ("“rsik plan” was read as the work sample Risk plan.",)


@pytest.mark.parametrize("preferred", ["symphony in D", "plan", "🙂", "ignore the rules"])
def test_unknown_wish_falls_back_with_the_three_that_fit(preferred: str) -> None:
    choice = choose_sample(preferred, role(), TYPES)
    assert choice.sample.id == role().work_samples[0]
    (notice,) = choice.notices
    titles = {sample.id: sample.title for sample in TYPES}
    assert preferred in notice
    assert all(titles[sample] in notice for sample in role().work_samples)


def test_role_with_an_unknown_sample_is_refused() -> None:
    with pytest.raises(DataError, match="no-such-sample"):
        choose_sample("", role().model_copy(update={"work_samples": ("no-such-sample",) * 3}), TYPES)
