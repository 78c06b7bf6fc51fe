"""Sets the challenge of a brief: picks one of the role's scenarios and draws it."""

from proofkit_core.brief import Brief
from proofkit_core.challenge.draw import draw_challenge
from proofkit_core.challenge.facts import Challenge
from proofkit_core.provenance import digest_of
from proofkit_core.roles.records import RoleRecord
from proofkit_core.seeds import stream


def set_challenge(brief: Brief, role: RoleRecord, *, seed: int) -> Challenge:
    """Return the challenge that this brief gets for a role; the same brief, role and seed always get the same.

    Args:
        brief: What the person typed.
        role: The role that was found for it.
        seed: Another one gives another company and other numbers.
    """
    brief_digest = digest_of(brief)
    scenario = stream(brief_digest, seed, "scenario").choice(role.scenarios)
    return draw_challenge(scenario, role_title=role.title, brief_digest=brief_digest, seed=seed)
