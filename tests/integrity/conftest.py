import pytest
from hypothesis import HealthCheck, settings

from proofkit_core.integrity import Fact, FactLedger

COMPANY = "Marramkeld Supply"
USER = (
    Fact(
        ref="background",
        text="Shift lead in a garden-centre warehouse, six years. I cut our Saturday stock count from five hours to "
        "three by re-drawing the aisle map.",
    ),
    Fact(ref="notes[0]", text="the rabbits in the loading bay stopped two deliveries last spring, nobody owned it"),
    Fact(ref="notes[1]", text="I trained 12 new starters and we saved about £40 a week"),
    Fact(ref="weak_spots[0]", text="I have never led a project team"),
)
SCENARIO = (
    Fact(ref="S1", text="4 loading bays"),
    Fact(ref="S2", text="38 deliveries on a normal Monday"),
    Fact(ref="S3", text="go-live planned for Friday 22 May"),
    Fact(ref="S4", text="two dispatchers, one on leave until 20 May"),
    Fact(ref="scenario", text="Marramkeld Supply moves its goods-in desk to a booking system."),
)

# The modules here take one of these, by the variable HYPOTHESIS_PROFILE. `fast` draws the same examples each time, so
# that a change is judged by what it changed; `long` draws new ones, for an hour or two.
settings.register_profile(
    "fast",
    max_examples=30,
    stateful_step_count=8,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
settings.register_profile(
    "long",
    settings.get_profile("fast"),
    max_examples=2_000,
    stateful_step_count=25,
    derandomize=False,
    print_blob=True,
)


@pytest.fixture(scope="session")
def facts() -> FactLedger:
    return FactLedger(user_facts=USER, scenario_facts=SCENARIO, company=COMPANY, consent=())
