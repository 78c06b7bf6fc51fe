"""For those who run the server: health, readiness, figures."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
from prometheus_client.parser import text_string_to_metric_families

from proofkit_serve.client import Client
from proofkit_serve.client.process import ServerProcess, start_server
from proofkit_serve.wire.requests import ExerciseJob, SessionInput

IsProblem = Callable[[httpx.Response, int, str], dict[str, Any]]
WithGoal = Callable[..., SessionInput]


def figures(http: httpx.Client) -> dict[str, float]:
    samples = [
        sample for family in text_string_to_metric_families(http.get("/metrics").text) for sample in family.samples
    ]
    return {f"{each.name} {sorted(each.labels.items())}": each.value for each in samples}


def test_the_server_is_ready_with_the_template_alone(client: Client) -> None:
    assert client.health().status == "ok"
    assert client.ready().models == ("template",)
    assert [each.id for each in client.backends().backends] == ["template"]


def test_the_figures_count_requests_and_generations(http: httpx.Client, client: Client, with_goal: WithGoal) -> None:
    before = figures(http)
    session = client.create_session(with_goal())
    client.wait(client.generate(session.id, ExerciseJob(kind="exercise")).id)
    after = figures(http)
    made = "proofkit_http_requests_total [('method', 'POST'), ('route', '/v1/sessions'), ('status', '201')]"
    done = "proofkit_generations_total [('kind', 'exercise'), ('status', 'done')]"
    for name in (made, done):
        assert after[name] == before.get(name, 0.0) + 1
    assert after["proofkit_generations_running []"] == 0.0
    assert session.id not in http.get("/metrics").text


def test_addresses_that_do_not_exist_make_no_figures_of_their_own(http: httpx.Client) -> None:
    for number in range(5):
        http.get(f"/strange/{number}")
    assert not any("strange" in name for name in figures(http))


def test_figures_can_be_turned_off(tmp_path: Path, is_problem: IsProblem) -> None:
    with start_server(tmp_path, settings={"metrics": False}) as server:
        is_problem(httpx.get(f"{server.url}/metrics"), 404, "not-found")


def test_a_store_that_went_away_is_told_and_came_back(
    tmp_path: Path, is_problem: IsProblem, server: ServerProcess
) -> None:
    assert httpx.get(f"{server.url}/readyz").status_code == 200
    with start_server(tmp_path, settings={}) as own, httpx.Client(base_url=own.url, timeout=60.0) as http:
        session = http.post("/v1/sessions", json={}).json()
        where = f"/v1/sessions/{session['id']}"
        path = own.folder / "data" / "proofkit.sqlite3"
        aside = path.with_suffix(".aside")
        path.rename(aside)
        for answer in (
            http.get("/readyz"),
            http.get(where),
            http.post("/v1/sessions", json={}),
            http.patch(where, json={"seed": 3}, headers={"if-match": "*"}),
        ):
            is_problem(answer, 503, "store-unavailable")
            assert str(tmp_path) not in answer.text
        assert http.get("/healthz").status_code == 200
        aside.rename(path)
        assert http.get("/readyz").status_code == 200
        assert http.get(where).json() == session
        assert len(http.get("/v1/sessions").json()["sessions"]) == 1


def test_the_catalogue_is_told(client: Client) -> None:
    assert len(client.roles().roles) > 20
    assert client.sample_types().samples[0].sections[0].questions
    contract = client.contract()
    assert contract.version == "v1"
    assert contract.tasks
    assert client.me().owner == "local"
