"""The values of the integrity rules: carriers, facts, claims, findings, edits, verdicts."""

from enum import StrEnum

from pydantic import BaseModel


class Carrier(StrEnum):
    """What kind of text is checked; it decides which rules apply."""

    SECTION = "section"
    BULLET = "bullet"
    POST = "post"
    TALKING_POINT = "talking_point"
    EXPORT = "export"


class Disclosing(StrEnum):
    """When a text that travels has to say itself that the work is simulated."""

    ALWAYS = "always"
    """A carrier of a packet: it is about the exercise and may be copied out alone."""
    WHERE_NAMED = "where_named"
    """A text that somebody brings: only if it speaks of the exercise."""
    NEVER = "never"
    """The document around it says so."""


class Outcome(StrEnum):
    """What became of a text, mildest first."""

    CLEAN = "clean"
    EDITED = "edited"
    BLOCKED = "blocked"


class Action(StrEnum):
    """What a rule asks for, strongest first."""

    REWRITE_EMPLOYMENT = "rewrite_employment"
    REWRITE_CLIENT = "rewrite_client"
    FLAG = "flag"
    LABEL_HYPOTHETICAL = "label_hypothetical"
    DISCLOSE = "disclose"
    KEEP = "keep"


class ClaimType(StrEnum):
    """What a piece of text claims."""

    EMPLOYMENT = "employment"
    CLIENT = "client"
    CREDENTIAL = "credential"
    TESTIMONIAL = "testimonial"
    CONFLICT = "conflict"
    DENIAL = "denial"
    METRIC = "metric"
    DISCLOSURE = "disclosure"
    LANGUAGE = "language"
    COVERAGE = "coverage"


class Fact(BaseModel, frozen=True, strict=True, extra="forbid"):
    """One thing that is known, with the place it is known from."""

    ref: str
    """`notes[0]`, `background`, `answers.recommendation.date`, `S2` or `scenario`."""
    text: str


class FactLedger(BaseModel, frozen=True, strict=True, extra="forbid"):
    """Everything a statement may rest on. The two kinds of facts never stand in for each other."""

    user_facts: tuple[Fact, ...]
    """What the person said about themselves."""
    scenario_facts: tuple[Fact, ...]
    """What the exercise fixes."""
    company: str
    """The fictional company; empty where there is none yet."""
    consent: tuple[str, ...]
    """Names that the person allows to be used; a name alone claims nothing."""
    people: tuple[str, ...] = ()
    """Names of the person themselves, by which a text may speak of them."""

    def __hash__(self) -> int:
        """Tell most ledgers apart by a few of their facts; two are the same only where all are."""
        sizes = (len(self.user_facts), len(self.scenario_facts))
        return hash((self.company, sizes, self.user_facts[-1:], self.scenario_facts[:1]))


class Finding(BaseModel, frozen=True, strict=True, extra="forbid"):
    """A claim that the facts do not carry."""

    rule: str
    action: Action
    start: int
    end: int
    """Place in the text that was handed in."""
    quote: str
    reason: str
    """In plain words, to be shown to the person."""


class Edit(BaseModel, frozen=True, strict=True, extra="forbid"):
    """One change, complete enough to be made and undone."""

    rule: str
    version: int
    start_before: int
    end_before: int
    """Place in the text that was handed in."""
    start_after: int
    end_after: int
    """Place in the edited text."""
    before: str
    after: str
    support: tuple[str, ...] = ()
    """Ids of the facts that the change rests on; empty where it rests on none."""


class Verdict(BaseModel, frozen=True, strict=True, extra="forbid"):
    """What the rules say about a text."""

    outcome: Outcome
    text: str
    """The edited text; the text as handed in where the outcome is `blocked`."""
    findings: tuple[Finding, ...]
    """What blocks comes first."""
    edits: tuple[Edit, ...]
    """In order of place."""
    claims_found: int
    claims_checked: int
    claims_unsupported: int
