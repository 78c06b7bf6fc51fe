"""One packet written by hand, with everything in it that could break a writer."""

from collections.abc import Callable
from pathlib import Path

import pytest

from proofkit_core.brief import Brief
from proofkit_core.challenge.draw import draw_challenge
from proofkit_core.challenge.facts import Challenge
from proofkit_core.export import write_packet
from proofkit_core.generation import ModelIdentity
from proofkit_core.ledger import trace_packet, who_wrote
from proofkit_core.packet import (
    SAMPLE_DISCLOSURE,
    Bullets,
    Fallback,
    FallbackReason,
    MadeWith,
    Origin,
    Packet,
    Post,
    Readiness,
    Review,
    RoleChoice,
    Section,
    Signal,
    TalkingPoint,
    TalkingPoints,
    WorkSample,
    Writer,
)
from proofkit_core.roles.catalog import load_catalogue

PRIVATE = "the rabbits in the loading bay stopped two deliveries"
TEMPLATE = Origin(writer=Writer.TEMPLATE)
MODEL = ModelIdentity(id="tiny", name="Tiny", artifact_digest="ab" * 32)

CALL = r"""I would go live on **Tuesday 2 June** instead of *Friday 22 May* [S3]. ***Both*** desks `BK-1` agree.

Text that looks like markup, invented here, stays text: <script>alert("x")</script>, \*not bold\*, \# no heading,
a \| b, 2 \* 3, &amp; and &lt;b&gt;, #let x = 1, $x^2$, @label, \\textbf{no}, [a link](https://example.org/a?b=1&c=2).

1. First, ask the dispatcher [S2].
2. Then ring the supplier.
   - before noon
   - not by email
3. Wait for 15 minutes (h).

> A short note on the gate:
>
> **Bay 4 is closed.** Ring the shift lead."""

FIRST_ROW = (
    "| 1 | The rabbits in the loading bay stop two deliveries and nobody owns the problem | a bay is closed \\| nobody "
    "calls | Name a bay owner for each shift, with a card and a number at each bay | Shift lead | Daily |"
)
ROWS = (
    "| # | Risk | How it would show | What I do first | Owner | Next look |",
    "| --- | --- | --- | --- | --- | --- |",
    FIRST_ROW,
    "| 2 | Drivers miss a change [S2] | queues | A whiteboard at the gate | Gate lead | |",
    "| 3 | <b>Monday</b> peak | more than 15 minutes (h) | `30` bookings (h) | Dispatcher | 8 June (h) |",
    *(
        f"| {n} | Risk number {n} that is told in a few words | a sign | a first action | Owner | Friday |"
        for n in range(4, 26)
    ),
)
RISKS = "\n".join(ROWS)

WORDS = (
    """Emoji 🎉 and 👩‍💻, CJK 猫が好き, Greek αβγ, Cyrillic Привет, Vietnamese Tiếng Việt, arrows → ≥ ½ € (h).

שלום עולם, זו פסקה שנקראת מימין לשמאל [S1].

مرحبا بالعالم، هذه فقرة تُقرأ من اليمين إلى اليسار.

- A word without an end: https://example.org/"""
    + "averylongpath" * 12
    + """
- Two lines\\
  in one item

### A heading inside a section

    indented code <&> stays as it is"""
)


@pytest.fixture(scope="session")
def challenge() -> Challenge:
    role = next(entry.role for entry in load_catalogue() if entry.role.id == "warehouse-supervisor")
    return draw_challenge(role.scenarios[0], role_title=role.title, brief_digest="ab", seed=1)


@pytest.fixture(scope="session")
def packet(challenge: Challenge) -> Packet:
    untraced = _untraced(challenge)
    return untraced.model_copy(update={"ledger": trace_packet(untraced), "who_wrote": who_wrote(untraced)})


def _untraced(challenge: Challenge) -> Packet:
    company = challenge.company
    bodies = (
        ("call", "Recommendation", CALL),
        ("risks", "What could go wrong", RISKS),
        ("words", "Words | *all* sorts #1", WORDS),
    )
    return Packet(
        brief=Brief(
            target_role="Warehouse <supervisor>",
            background="Shift lead, six years.\n# Not a heading\n- not a list",
            skills=("planning", "risk | management"),
            weak_spots=("nervous about *budgets*",),
            notes=(
                PRIVATE,
                "drivers only read a whiteboard, never email",
                "שלום עולם, זו פסקה שנקראת מימין לשמאל",
                "مرحبا بالعالم، هذه فقرة تُقرأ من اليمين إلى اليسار",
            ),
            answers={"call.go": "I would rather go live late\nthan on the weekend.", "other.thing": "1. One"},
            resume="Résumé text <b>bold</b>",
            job_ad="Ad text 猫",
            name="Zoë Ó Súilleabháin",
        ),
        notices=("job_ad was 30,000 characters long; only the first 20,000 were used.",),
        role=RoleChoice(
            title="Warehouse supervisor",
            role_id="warehouse-supervisor",
            family="logistics",
            covered=True,
            why="x",
            score=1.0,
        ),
        challenge=challenge,
        sample=WorkSample(
            title=f"Risk plan: bay booking <v2> at {company}",
            sample_type="risk-plan",
            sample_title="Risk plan",
            reader="the sponsor",
            disclosure=SAMPLE_DISCLOSURE.format(company=company),
            sections=tuple(
                Section(id=i, title=title, view="risks", goal="g", markdown=text, origin=TEMPLATE)
                for i, title, text in bodies
            ),
        ),
        post=Post(
            text=f"Would you go live?\n\nI wrote a risk plan for {company}, a fictional company: practice.\n#planning",
            origin=Origin(
                writer=Writer.TEMPLATE,
                model=MODEL,
                prompt_set="frozen v1",
                task_digest="cd" * 32,
                fallback=Fallback(reason=FallbackReason.ECHO, message="it repeated the prompt", detail="secret detail"),
            ),
        ),
        bullets=Bullets(
            items=(
                "Simulated project (fictional company): wrote a risk plan.",
                "Simulated project: planned by a whiteboard.",
            ),
            origin=TEMPLATE,
        ),
        talking_points=TalkingPoints(
            items=(
                TalkingPoint(question="Why later?", answer="One trained dispatcher only [S2]."),
                TalkingPoint(question="Was this a real company?", answer=f"No. {company} is fictional."),
            ),
            origin=TEMPLATE,
        ),
        review=Review(
            label=Readiness.NEARLY,
            signals=(
                Signal(
                    id="words", title="Your words", value=0.93, threshold=0.8, passed=True, evidence="14 of 15", fix=""
                ),
                Signal(
                    id="owner", title="Owners", value=2, threshold=3, passed=False, evidence="a | b", fix="Name one."
                ),
            ),
            words_kept=14,
            words_total=15,
            words_missing=("spring",),
            model_remarks=("Say who calls first.",),
            origin=TEMPLATE,
        ),
        ledger=(),
        made_with=MadeWith(
            product_version="0.1.0",
            seed=1,
            brief_digest="ab" * 32,
            catalogue_digest="cd" * 32,
            contract="v1",
            contract_digest="ef" * 32,
            model=MODEL,
            config_digest="01" * 32,
        ),
    )


@pytest.fixture(scope="session")
def written(packet: Packet, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The packet as a folder, with its zip beside it; to be read only."""
    out = tmp_path_factory.mktemp("exports") / "packet"
    write_packet(packet, out, zip_file=True)
    return out


@pytest.fixture(scope="session")
def given_packet(packet: Packet) -> Callable[[], Packet]:
    """The packet behind a function: hypothesis would write out all of it beside a failing example."""
    return lambda: packet
