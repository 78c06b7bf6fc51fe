"""What the routes work with, and how a route gets it."""

import asyncio
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from proofkit_core.workshop import Workshop
from proofkit_serve.api.audit import Audit
from proofkit_serve.api.buckets import Buckets
from proofkit_serve.api.figures import Figures
from proofkit_serve.api.rendering import Renderer
from proofkit_serve.jobs.service import Jobs
from proofkit_serve.registry.registry import Registry
from proofkit_serve.settings import Settings
from proofkit_serve.store.protocol import Store


@dataclass(frozen=True, slots=True)
class Services:
    """Everything behind the routes of one app."""

    settings: Settings
    store: Store
    registry: Registry
    workshop: Workshop
    jobs: Jobs
    figures: Figures
    renderer: Renderer
    audit: Audit
    tokens: Buckets
    """Tokens that models may still write, by owner."""
    uploads: asyncio.Semaphore
    """How many uploaded files are read at once."""


def _services(request: Request) -> Services:
    found: Services = request.app.state.services
    return found


def _owner(request: Request) -> str:
    owner: str = request.state.owner
    return owner


Given = Annotated[Services, Depends(_services)]
Owner = Annotated[str, Depends(_owner)]
"""Whose request it is; the gate has checked it."""
