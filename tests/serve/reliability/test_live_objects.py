"""Memory without a machine's allocator: what people leave behind is counted in Python objects, in one process."""

import asyncio
import gc
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from proofkit_core.roles.catalog import load_catalogue
from proofkit_core.roles.index import build_index
from proofkit_core.workshop import Workshop
from proofkit_prompts import load_contract
from proofkit_serve.api.app import create_app
from proofkit_serve.client.process import TEMPLATE_ONLY
from proofkit_serve.registry import open_registry
from proofkit_serve.settings import load_settings
from proofkit_serve.store import open_store

pytestmark = pytest.mark.anyio
GOAL = {
    "target_role": "Project manager (entry level)",
    "background": "Shift lead in a parcel depot for six years, nights and weekends.",
    "notes": ["night shift finds things out at the kettle"],
}
WARM_UP = 6
SESSIONS = 10
ROUNDS = 3
"""A timer that was cancelled is forgotten later, together with others; what really grows does so in each round."""
MOST_EACH = 5.0
"""Objects that a session may leave behind; one whole packet is some thousand."""


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def http(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """Reach the whole service without a server, with the template as the only model."""
    models = tmp_path / "models.toml"
    models.write_text(TEMPLATE_ONLY, encoding="utf-8")
    given = {"data_dir": str(tmp_path), "models": str(models), "limits": {"requests_per_minute": 0}}
    settings = load_settings(environ={}, given=given)
    store = await open_store(settings.store_url.get_secret_value())
    contract = load_contract()
    workshop = Workshop(contract=contract, index=build_index(load_catalogue()), product_version="0")
    with open_registry(settings, environ={}, contract=contract) as registry:
        app = create_app(settings, store=store, registry=registry, workshop=workshop)
        reached = httpx.ASGITransport(app, client=("127.0.0.1", 1))
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=reached, base_url="http://127.0.0.1", timeout=120.0) as opened,
        ):
            yield opened
    await store.close()


async def make_a_packet(http: httpx.AsyncClient, *, leave: bool) -> None:
    """Make a session, its packet and an export, look at the figures, and perhaps delete the session."""
    made = (await http.post("/v1/sessions", json={"goal": GOAL}, headers={"idempotency-key": uuid4().hex})).json()
    path = f"/v1/sessions/{made['id']}"
    generation = (await http.post(f"{path}/generations", json={"kind": "packet"})).json()
    while generation["status"] in {"queued", "running"}:
        await asyncio.sleep(0.02)
        generation = (await http.get(generation["url"])).json()
    assert generation["status"] == "done", generation
    assert (await http.get(generation["events_url"])).status_code == 200
    assert (await http.get(f"{path}/exports/packet.zip")).status_code == 200
    assert (await http.get("/metrics")).status_code == 200
    if leave:
        assert (await http.delete(path)).status_code == 200


async def live_objects() -> Counter[str]:
    await asyncio.sleep(0.3)  # what is kept for a moment after an answer is let go of
    for _ in range(3):
        gc.collect()
    return Counter(f"{type(each).__module__}.{type(each).__qualname__}" for each in gc.get_objects())


@pytest.mark.parametrize("leave", [True, False], ids=["deleted", "kept in the store"])
async def test_ten_sessions_leave_next_to_nothing_in_memory(http: httpx.AsyncClient, *, leave: bool) -> None:
    for _ in range(WARM_UP):
        await make_a_packet(http, leave=leave)
    grown: list[Counter[str]] = []
    for _ in range(ROUNDS):
        before = await live_objects()
        for _ in range(SESSIONS):
            await make_a_packet(http, leave=leave)
        grown.append(await live_objects() - before)
    always: dict[str, Any] = {name: min(each[name] for each in grown) / SESSIONS for name in grown[0]}
    left = {name: each for name, each in always.items() if each}
    assert {name: each for name, each in left.items() if name.startswith("proofkit") or each >= 0.5} == {}
    assert sum(left.values()) < MOST_EACH, left
