"""The typed client follows a generation through breaks of the connection, and reads streams as they are."""

import json
import socket
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proofkit_serve.client import Client, ConnectionLostError, Event, ServiceProblemError
from proofkit_serve.client.events import read_events
from proofkit_serve.client.process import start_server
from proofkit_serve.wire.events import DeltaEvent, DoneEvent
from proofkit_serve.wire.requests import GoalInput, PacketJob, SessionInput

GOAL = GoalInput(target_role="Project manager", background="Shift lead in a parcel depot for six years.")


class Relay:
    """Stands between client and server, and cuts each event stream after some bytes."""

    def __init__(self, port: int, bytes_each: int) -> None:
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listening.getsockname()[1]}"
        self.cuts = 0
        self._port = port
        self._bytes_each = bytes_each

    def serve(self) -> None:
        while True:
            try:
                near, _ = self.listening.accept()
            except OSError:
                return
            threading.Thread(target=self._pass, args=(near,), daemon=True).start()

    def _pass(self, near: socket.socket) -> None:
        with near, socket.create_connection(("127.0.0.1", self._port)) as far:
            near.settimeout(30)
            far.settimeout(30)
            request = near.recv(65_536)
            far.sendall(request.replace(b"Connection: keep-alive", b"Connection: close"))
            is_stream = b"/events" in request.split(b"\r\n", 1)[0]
            left = self._bytes_each if is_stream else 10**9
            while left > 0 and (piece := far.recv(min(left, 4096))):
                near.sendall(piece)
                left -= len(piece)
            self.cuts += is_stream and left <= 0


@contextmanager
def relayed(url: str, bytes_each: int) -> Generator[Relay]:
    relay = Relay(int(url.rpartition(":")[2]), bytes_each)
    threading.Thread(target=relay.serve, daemon=True).start()
    try:
        yield relay
    finally:
        relay.listening.shutdown(socket.SHUT_RDWR)
        relay.listening.close()


def test_a_stream_that_breaks_off_again_and_again_is_read_whole_and_nothing_twice(tmp_path: Path) -> None:
    with start_server(tmp_path) as server, Client(server.url) as direct:
        session = direct.create_session(SessionInput(goal=GOAL))
        taken = direct.generate(session.id, PacketJob(kind="packet"))
        whole = list(direct.follow(taken.id))
        largest = max(len(event.body.model_dump_json().encode()) for event in whole)
        with relayed(server.url, largest + 1_000) as relay, Client(relay.url, sleep=lambda _: None) as client:
            assert list(client.follow(taken.id)) == whole
        assert relay.cuts > 1


def test_a_server_that_stays_away_is_told(tmp_path: Path) -> None:
    with start_server(tmp_path) as server, Client(server.url, sleep=lambda _: None) as client:
        session = client.create_session(SessionInput(goal=GOAL))
        taken = client.generate(session.id, PacketJob(kind="packet"))
        client.wait(taken.id)
        server.stop()
        with pytest.raises(ConnectionLostError, match="could not be reached"):
            list(client.follow(taken.id))


def test_a_problem_reaches_the_caller_whole(tmp_path: Path) -> None:
    with start_server(tmp_path) as server, Client(server.url) as client:
        with pytest.raises(ServiceProblemError) as refused:
            client.session("s_" + "0" * 24)
        assert refused.value.problem.status == 404
        assert str(refused.value) == refused.value.problem.detail


_BODIES = st.one_of(
    st.builds(DeltaEvent, part=st.text(max_size=5), text=st.text(max_size=40)),
    st.builds(DoneEvent, status=st.just("done"), revision=st.integers(0, 9)),
)


@given(st.lists(_BODIES, max_size=6), st.integers(0, 3))
def test_a_stream_is_read_back_as_it_was_told(bodies: list[DeltaEvent | DoneEvent], pings: int) -> None:
    text = "".join(
        f"{': ping' * (number < pings)}\n\nevent: {body.type}\nid: {number}\ndata: {body.model_dump_json()}\n\n"
        for number, body in enumerate(bodies, start=1)
    )
    assert list(read_events(text.split("\n"))) == [Event(number, body) for number, body in enumerate(bodies, start=1)]


def test_an_event_that_was_cut_off_is_left_out() -> None:
    body = json.dumps({"type": "delta", "part": "", "text": "a"})
    lines = ["event: delta", "id: 1", f"data: {body}", "", "event: delta", "id: 2", f"data: {body[:9]}"]
    assert [event.id for event in read_events(lines)] == [1]
