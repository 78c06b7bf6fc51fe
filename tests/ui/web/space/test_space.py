"""ProofKit as a Space: our pages in front, Gradio behind them, the Hub around them."""

import http.client
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Route

Person = Any
Space = Any
"""See the conftests; importlib mode lets tests share no module."""
GRADIOS = (
    *(
        "/gradio_api/info",
        "/gradio_api/queue/data?session_hash=a",
        "/gradio_api/file=/etc/hosts",
        "/config",
        "/theme.css",
    ),
    *(
        "/login_check",
        "/monitoring",
        "/manifest.json",
        "/svelte/a.js",
        "/robots.txt",
        "/gradio_api/heartbeat/a",
        "/docs",
    ),
)
HUB = "https://huggingface.co/spaces/somebody/proofkit"
FRAMED = "https://somebody-proofkit.hf.space"


def ask(
    space: Space, path: str, method: str = "GET", body: str = "", **headers: str
) -> tuple[int, dict[str, str], str]:
    connection = http.client.HTTPConnection("127.0.0.1", space.port, timeout=30)
    connection.request(method, path, body or None, {name.replace("_", "-"): each for name, each in headers.items()})
    answer = connection.getresponse()
    found = answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read().decode()
    connection.close()
    return found


def test_the_first_page_is_ours(space: Space) -> None:
    status, _, text = ask(space, "/")
    assert status == 200
    assert "ProofKit" in text
    assert "gradio" not in text.lower()
    assert ask(space, "/", "HEAD")[0] == 200
    assert ask(space, "/healthz")[0] == ask(space, "/readyz")[0] == 200


@pytest.mark.parametrize("path", GRADIOS)
def test_nothing_of_gradios_can_be_reached_from_outside(space: Space, path: str) -> None:
    assert ask(space, path)[0] == 404
    assert ask(space, path, x_proofkit_door="guessed")[0] == 404


def test_the_queue_takes_nothing_from_strangers(space: Space) -> None:
    for path in ("/gradio_api/call/complete", "/gradio_api/queue/join", "/gradio_api/upload", "/login"):
        assert ask(space, path, "POST", json.dumps({"data": ["x"]}), content_type="application/json")[0] in {404, 405}


def test_programs_need_a_key_and_pages_do_not(space: Space) -> None:
    assert ask(space, "/v1/sessions", "POST", "{}", content_type="application/json")[0] == 401


def test_the_hub_may_show_the_pages_and_nobody_else(space: Space) -> None:
    _, headers, _ = ask(space, "/")
    assert "frame-ancestors https://huggingface.co https://*.hf.space;" in headers["content-security-policy"]
    assert "x-frame-options" not in headers
    for told in ("SameSite=None", "Secure", "Partitioned", "HttpOnly"):
        assert told in headers["set-cookie"]


def test_no_other_site_may_read_what_a_visitor_sees(space: Space) -> None:
    _, headers, _ = ask(space, "/", origin="https://somebody-else.hf.space")
    assert not {name for name in headers if name.startswith("access-control-")}
    refused, _, _ = ask(space, "/start", "POST", "", origin="https://somebody-else.hf.space")
    assert refused == 403


@pytest.mark.slow
def test_somebody_makes_a_packet_there(space: Space, invite: Callable[..., Person]) -> None:
    person: Person = invite(space)
    person.make()
    assert person.page.locator("#downloads").count() == 1
    assert person.axe() == []


@pytest.mark.slow
def test_inside_the_hubs_page_the_visitor_is_known_and_their_quota_is_told(space: Space, chromium: Browser) -> None:
    context = chromium.new_context()
    page = context.new_page()
    brought: list[str] = []

    def around(route: Route) -> None:
        # What the Hub's page does: it says that it gives tokens, and gives one when it is asked.
        route.fulfill(
            content_type="text/html",
            body=f"""<iframe src="{FRAMED}/" width="1200" height="800"></iframe><script>
            addEventListener("message", ({{data, source, ports, origin}}) => {{
              if (data === "supports-zerogpu-headers") source.postMessage(data, origin);
              if (data === "zerogpu-headers") ports[0].postMessage({{"X-IP-Token": "told-by-the-hub"}});
            }});</script>""",
        )

    def inside(route: Route) -> None:
        asked = route.request
        headers = asked.all_headers()
        if token := headers.get("x-ip-token"):
            brought.append(token)
        path = asked.url.removeprefix(FRAMED)
        connection = http.client.HTTPConnection("127.0.0.1", space.port, timeout=30)
        sent = {name: each for name, each in headers.items() if not name.startswith(":")}
        connection.request(asked.method, path, asked.post_data, {**sent, "host": FRAMED.removeprefix("https://")})
        answer = connection.getresponse()
        body, where = answer.read(), answer.getheader("location")
        connection.close()
        told = {name: value for name, value in answer.getheaders() if name.lower() != "content-length"}
        if where:  # a browser would not ask here for what a made answer sends it to
            told = {name: value for name, value in told.items() if name.lower() in {"set-cookie", "content-type"}}
            onward = f'<meta http-equiv="refresh" content="0;url={where}">'
            route.fulfill(headers=told, content_type="text/html", body=onward)
            return
        route.fulfill(status=answer.status, headers=told, body=body)

    page.route(re.compile(r"https://huggingface\.co/.*"), around)
    page.route(re.compile(r"https://somebody-proofkit\.hf\.space/.*"), inside)
    troubles: list[str] = []
    page.on("console", lambda message: troubles.append(message.text) if message.type == "error" else None)
    page.goto(HUB)
    frame = page.frame_locator("iframe")
    frame.locator("form[action='/start'] button").first.click()
    frame.locator("form#goal").wait_for(timeout=15_000)  # the cookie came back, or this would be the page of nobody
    page.wait_for_timeout(300)
    assert set(brought) == {"told-by-the-hub"}
    assert [each for each in troubles if "favicon" not in each] == []
    context.close()


def test_nothing_is_asked_anywhere_else(space: Space) -> None:
    ask(space, "/")
    hosts = {json.loads(line) for line in space.watched.read_text(encoding="utf-8").splitlines()}
    assert hosts
    assert hosts <= {"127.0.0.1", "localhost", "::1"}, hosts


def test_it_stops_in_good_order_when_it_is_told_to(written: Path, start_space: Callable[..., Space]) -> None:
    space = start_space(written)
    assert space.stop() == 0
    assert "Traceback" not in space.log
