"""All pages, in the order in which their addresses are tried."""

from fastapi import APIRouter

from proofkit_ui.web.pages import (
    builder,
    challenge,
    clearing,
    drafts,
    goal,
    leaves,
    match,
    models,
    own_data,
    packet,
    review,
    sample,
    start,
    theme,
)

ROUTERS: tuple[APIRouter, ...] = (
    start.router,
    goal.router,
    match.router,
    challenge.router,
    builder.router,
    sample.router,
    drafts.router,
    review.router,
    packet.router,
    models.router,
    leaves.router,
    clearing.router,
    own_data.router,
    theme.router,
)
