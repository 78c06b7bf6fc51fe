from collections.abc import Mapping
from pathlib import Path

import pytest

from proofkit_core.faithfulness import read_anchors
from proofkit_core.roles.catalog import load_catalogue
from proofkit_prompts import load_contract
from proofkit_train.artifact.judging import judge
from proofkit_train.artifact.llama import Completed
from proofkit_train.artifact.probes import Probe, load_probes
from proofkit_train.errors import TrainError

CONTRACT = load_contract()
PROBES = {probe.id: probe for probe in load_probes().probe}
GOOD = (
    "- **Sign:** the pickle brine in bay nine turned grey in March.\n- **First step:** Orla reads the hygrometer at "
    "dusk, and every shift of the 2 a day [S2] writes it down.\n- 11 wheels lost last month [S3]."
)
POST = (
    "I wrote an ordering proposal as a simulated practice piece. The company, Bryostead Archive, is fictional. "
    "It has 1,900 drawers [S1], and the velvet feather moss drawer comes first."
)


def failed(probe: str, text: str, *, ended: bool = True) -> Mapping[str, str]:
    return judge(PROBES[probe], Completed(text, 50, ended), CONTRACT).failed


def test_every_task_of_the_contract_is_asked_and_every_prompt_fits() -> None:
    assert {probe.task for probe in PROBES.values()} == set(CONTRACT.tasks)
    assert 12 <= len(PROBES) <= 20
    for probe in PROBES.values():
        assert CONTRACT.cut_fields(probe.task, probe.fields) == (), probe.id
        assert CONTRACT.render(probe.task, probe.fields).max_tokens


def test_what_must_be_kept_stands_in_the_prompt_and_tells_something() -> None:
    for probe in PROBES.values():
        for text in probe.keep:
            assert read_anchors(text), (probe.id, text)
            assert text in probe.typed, (probe.id, text)


def test_the_occupations_are_no_roles_of_the_catalogue() -> None:
    # Training material is written for roles of the catalogue alone.
    known = {name.casefold() for role in load_catalogue() for name in (role.role.title, *role.role.aliases)}
    assert not known & {str(probe.fields["target_role"]).casefold() for probe in PROBES.values()}


def test_a_good_answer_passes_every_check_that_applies() -> None:
    found = judge(PROBES["section-cave"], Completed(GOOD, 60, ended=True), CONTRACT)
    assert found.failed == {}
    assert set(found.passed) == {"ended", "form", "integrity", "channel", "script"}
    assert (found.anchors, found.missing) == (11, ())
    assert set(judge(PROBES["post-moss"], Completed(POST, 60, ended=True), CONTRACT).passed) >= {"disclosure"}


@pytest.mark.parametrize(
    ("probe", "text", "check"),
    [
        ("section-cave", "", "form"),
        ("section-cave", f"{GOOD}\nTarget role: Cheese cave warden\nBackground: Night cleaner", "form"),
        ("section-cave", f"analysis\n{GOOD}", "channel"),
        ("section-cave", f"final: {GOOD}", "channel"),
        ("section-cave", f"{GOOD}\nassistantfinal{GOOD}", "channel"),
        ("section-cave", f"{GOOD}\ncommentary\n", "channel"),
        ("section-cave", f"{GOOD}<|im_start|>user", "channel"),
        ("section-cave", f"{GOOD}<\uff5cend\uff5c>", "channel"),
        ("section-cave", f"{GOOD} 猫が好き", "script"),
        ("section-cave", f"{GOOD} Это сырная пещера.", "script"),
        ("section-cave", f"{GOOD} At my last job I led a team of nine cheese makers for Gullmere Caves.", "integrity"),
        ("section-cave", f"{GOOD} I run the cave of Gullmere Caves as a certified cheese master.", "integrity"),
        ("post-moss", "I planned the drawers of Bryostead Archive. The velvet feather moss comes first.", "disclosure"),
        ("bullets-snow", '{"bullets": ["Simulated project: a care plan"]}', "form"),
        ("review-cave", '{"strengths": ["a"], "gaps": []}', "form"),
    ],
)
def test_a_bad_answer_fails_the_check_that_it_should(probe: str, text: str, check: str) -> None:
    assert check in failed(probe, text)


@pytest.mark.parametrize(
    "text",
    [
        "The final check is made by Orla at dusk.",
        "Her commentary on the wheels is short. The analysis of bay nine follows.",
        "- Final step: read the hygrometer.\n- Analysis: bay nine.",
        "An assistant reads the value.",
    ],
)
def test_names_of_channels_are_words_in_a_sentence(text: str) -> None:
    assert "channel" not in failed("section-cave", text)


def test_an_answer_that_runs_on_is_told_with_its_length() -> None:
    assert failed("section-cave", GOOD, ended=False) == {"ended": "no end after 50 tokens"}


def test_lost_words_are_named() -> None:
    found = judge(PROBES["section-cave"], Completed("Orla reads the hygrometer at dusk.", 9, ended=True), CONTRACT)
    assert found.missing == ("pickle", "brine", "bay", "nine", "turned", "grey", "March")


def test_text_inside_json_is_judged_like_any_other() -> None:
    claim = "I led a team of nine at Frostholm Park for three years"
    found = failed("bullets-snow", f'{{"bullets": ["Simulated project: a care plan", "{claim}"]}}')
    assert set(found) == {"integrity", "disclosure"}


@pytest.mark.parametrize(
    "text", ["", "[thresholds]\nended = 2.0\n", "[[probe]]\nid = 1\n", "not toml ==", "[thresholds]\nother = 1\n"]
)
def test_probes_of_another_form_are_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "probes.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(TrainError, match=r"probes\.toml.*could not be read"):
        load_probes(path)


def test_a_probe_knows_what_the_person_said_and_what_the_exercise_says() -> None:
    probe = Probe(
        id="x",
        task="draft_section",
        keep=(),
        fields={"background": "b", "facts": ("[S1] f",), "company": "Co Ltd, a shop"},
    )
    facts = probe.ledger()
    assert [fact.text for fact in facts.user_facts] == ["b"]
    assert [fact.text for fact in facts.scenario_facts] == ["[S1] f"]
    assert facts.company == "Co Ltd"
