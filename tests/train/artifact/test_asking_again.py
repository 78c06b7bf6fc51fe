"""A second try begins with what the first one lost, and with nothing else."""

import pytest

from proofkit_prompts import load_contract
from proofkit_train.artifact.asking_again import opening_after
from proofkit_train.artifact.probes import Probe, load_probes

CONTRACT = load_contract()
PROBES = {probe.id: probe for probe in load_probes().probe}


def opening(probe: Probe, text: str) -> str:
    return opening_after(probe, CONTRACT.render(probe.task, probe.fields), text)


def test_a_lost_point_begins_the_second_try_as_a_sentence() -> None:
    probe = PROBES["section-cave"]
    first, second = probe.keep
    assert opening(probe, f"I would look at this: {second}.") == f"The{first[3:]}."
    assert opening(probe, f"{first}, and {second}.") == ""


def test_a_rewritten_text_gets_back_the_sentences_that_held_what_was_lost() -> None:
    probe = PROBES["revise-snow"]
    draft = probe.fields["draft"]
    assert isinstance(draft, str)
    found = opening(probe, "A short text with [S2] and [S3].")
    assert "18 minutes" in found
    assert found in draft


@pytest.mark.parametrize("name", [name for name, probe in PROBES.items() if not probe.keep])
def test_where_nothing_has_to_be_kept_nobody_asks_again(name: str) -> None:
    assert opening(PROBES[name], "Any text at all.") == ""
