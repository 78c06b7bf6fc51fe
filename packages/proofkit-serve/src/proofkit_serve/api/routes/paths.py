"""Ids in addresses and queries."""

from typing import Annotated

from fastapi import Path, Query

_ID = r"^{kind}_[A-Za-z0-9_-]{{22,64}}$"

SessionId = Annotated[
    str,
    Path(
        pattern=_ID.format(kind="s"),
        max_length=80,
        description="A session's id.",
        examples=["s_mJ0nY7aW3kQeVYqk0c0nH5dp"],
    ),
]
GenerationId = Annotated[
    str,
    Path(
        pattern=_ID.format(kind="gen"),
        max_length=80,
        description="A generation's id.",
        examples=["gen_mJ0nY7aW3kQeVYqk0c0nH5dp"],
    ),
]
AfterGeneration = Annotated[
    str | None,
    Query(
        pattern=_ID.format(kind="gen"),
        max_length=80,
        description="Only those that came after the generation of this id; without it, from the first on.",
        examples=["gen_mJ0nY7aW3kQeVYqk0c0nH5dp"],
    ),
]
ProposalId = Annotated[
    str,
    Path(
        pattern=_ID.format(kind="prop"),
        max_length=80,
        description="A proposal's id.",
        examples=["prop_mJ0nY7aW3kQeVYqk0c0nH5dp"],
    ),
]
ModelId = Annotated[
    str,
    Path(
        pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$",
        description="A model's id, as the list of backends shows it.",
        examples=["embedded"],
    ),
]
