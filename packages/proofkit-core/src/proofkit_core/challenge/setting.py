"""Sets the challenge of a brief: picks one of the role's scenarios and draws it."""

from collections.abc import Sequence

from proofkit_core.brief import Brief
from proofkit_core.challenge.draw import draw_challenge
from proofkit_core.challenge.facts import Challenge
from proofkit_core.scenario import ScenarioRecord
from proofkit_core.seeds import draw_digest, stream


def set_challenge(brief: Brief, scenarios: Sequence[ScenarioRecord], *, role_title: str, seed: int) -> Challenge:
    """Return the challenge that this brief gets; the same brief, scenarios and seed always get the same.

    Args:
        brief: What the person typed.
        scenarios: Those of the role that was found for it.
        role_title: The title of that role.
        seed: Another one gives another company and other numbers.
    """
    brief_digest = draw_digest(brief)
    scenario = stream(brief_digest, seed, "scenario").choice(scenarios)
    return draw_challenge(scenario, role_title=role_title, brief_digest=brief_digest, seed=seed)
