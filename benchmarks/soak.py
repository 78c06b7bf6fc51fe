"""Whether the service keeps its memory flat while it works: `python benchmarks/soak.py --minutes 20`.

Starts a server process of its own with the template and a fault server's models, some of which fail, and lets people
work with it: make a session, draft, change their points, make a packet, download it, and sometimes leave in the middle
or delete the session. Each session carries its own token, which has to come back, and nobody else's.

Printed are the resident memory of the server over time, the slope of a line through the second half, how much of the
memory that is in the second half, and how many requests were made and failed. The exit code is 1 where something
failed, or where the second half grew by more than --most-growth.
"""

import argparse
import json
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import linear_regression, mean
from typing import NamedTuple

from proofkit_prompts import load_contract
from proofkit_serve.backends.decoding.memory import process_bytes
from proofkit_serve.client import Client, ConnectionLostError, ServiceProblemError
from proofkit_serve.client.process import ServerProcess, start_server
from proofkit_serve.faults import Pace, Scenario, fault_server
from proofkit_serve.sessions.document import Document
from proofkit_serve.wire.events import DeltaEvent
from proofkit_serve.wire.requests import (
    ExerciseJob,
    GoalInput,
    NotesChange,
    PacketJob,
    SectionJob,
    SessionInput,
)

FAULTS = (Scenario.GOOD, Scenario.CUT, Scenario.SERVER_ERROR, Scenario.HUGE_ANSWER, Scenario.EMPTY, Scenario.THINK_TAGS)
ROLES = ("Project manager (entry level)", "Data analyst", "Office manager", "Risk officer")
FILES = ("work-sample.md", "packet.json", "linkedin-post.txt", "packet.zip")
MIB = 1024 * 1024
PACKETS_OF_ONE = 2
"""A person makes no more of them with one session."""


class Sample(NamedTuple):
    """The server's memory at one moment."""

    at_s: float
    mib: float


class Flatness(NamedTuple):
    """What the second half of the run says."""

    mean_mib: float
    slope_mib_per_min: float
    growth: float
    """What the line through the second half rises by in it, as a share of its mean."""


class Counts:
    """What happened, counted by several threads."""

    def __init__(self) -> None:
        """Begin at nothing."""
        self.done: Counter[str] = Counter()
        self.failures: list[str] = []
        self._lock = threading.Lock()

    def count(self, what: str) -> None:
        """Count something that went well."""
        with self._lock:
            self.done[what] += 1

    def fail(self, why: str) -> None:
        """Note something that did not."""
        with self._lock:
            self.failures.append(why)


def main() -> int:
    """Run for some minutes and say what was seen."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=20.0)
    parser.add_argument("--people", type=int, default=4, help="who work at once")
    parser.add_argument("--warm", type=int, default=64, help="packets made before the first look: caches fill by them")
    parser.add_argument("--every", type=float, default=0.0, help="seconds between two looks; a 60th of the run if 0")
    parser.add_argument("--most-growth", type=float, default=0.03, help="share by which the second half may grow")
    parser.add_argument("--json", type=Path, help="also write the figures there")
    options = parser.parse_args()
    counts = Counts()
    with tempfile.TemporaryDirectory(prefix="proofkit-soak-") as folder:
        samples = soak(
            Path(folder),
            seconds=60 * options.minutes,
            people=options.people,
            warm=options.warm,
            every=options.every,
            counts=counts,
        )
    flatness = flatness_of(samples)
    told = {
        "minutes": options.minutes,
        "people": options.people,
        "requests": sum(counts.done.values()),
        "done": dict(sorted(counts.done.items())),
        "failures": len(counts.failures),
        "first_mib": samples[0].mib,
        "last_mib": samples[-1].mib,
        **flatness._asdict(),
    }
    for why in counts.failures[:10]:
        print(f"failed: {why}")
    print(json.dumps(told, indent=2))
    if options.json:
        record = {**told, "samples": samples, "why": counts.failures}
        options.json.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    return int(bool(counts.failures) or flatness.growth > options.most_growth)


def soak(folder: Path, *, seconds: float, people: int, warm: int, every: float, counts: Counts) -> list[Sample]:
    """Let people work with a server for a while, and return its memory over time.

    Args:
        folder: For the server's own files.
        seconds: How long, from the first look; what is loaded once is loaded before.
        people: How many work at once.
        warm: Packets to make before the first look.
        every: Seconds between two looks.
        counts: Where what happens is counted.
    """
    pace = Pace(huge_chars=200_000)
    limits = {"requests_per_minute": 0, "generations_waiting": 8 * people}
    with (
        fault_server(pace=pace) as faults,
        start_server(folder, models=_models(faults.base_url), limits=limits) as server,
    ):
        _all_at_once(people, lambda number: _work(server, number, warm // people, counts))
        stop = threading.Event()
        workers = [
            threading.Thread(target=_work_on, args=(server, people + number, stop, counts)) for number in range(people)
        ]
        for worker in workers:
            worker.start()
        samples = _look(server, seconds, every or seconds / 60, counts)
        stop.set()
        for worker in workers:
            worker.join()
    return samples


def flatness_of(samples: Sequence[Sample]) -> Flatness:
    """Return how flat the second half of a run is."""
    half = [each for each in samples if each.at_s >= samples[-1].at_s / 2]
    times, sizes = [each.at_s for each in half], [each.mib for each in half]
    slope = linear_regression(times, sizes).slope
    return Flatness(mean(sizes), 60 * slope, slope * (times[-1] - times[0]) / mean(sizes))


def _models(base_url: str) -> str:
    contract = load_contract()
    stamp = f'contract = {{ version = "{contract.version}", digest = "{contract.digest}" }}'
    remote = "".join(
        f'[[model]]\nid = "{fault}"\nbackend = "openai_compatible"\nmodel = "fault:{fault}"\n'
        f'base_urls = ["{base_url}"]\nartifact_digest = "{"ab" * 32}"\n{stamp}\n\n'
        for fault in FAULTS
    )
    return f'[[model]]\nid = "template"\nbackend = "template"\n\n{remote}'


def _look(server: ServerProcess, seconds: float, every: float, counts: Counts) -> list[Sample]:
    """Look at the server's memory from time to time, and print it."""
    started, samples = time.monotonic(), list[Sample]()
    status = Path(f"/proc/{server.process.pid}/status")
    while not samples or samples[-1].at_s < seconds:
        size = process_bytes(status)
        if size is None:
            raise SystemExit("The server's memory cannot be read. Expected /proc with the server in it. See its log.")
        samples.append(Sample(time.monotonic() - started, size / MIB))
        done = sum(counts.done.values())
        print(f"{samples[-1].at_s:7.1f} s  {samples[-1].mib:7.1f} MiB  {done:6d} requests", flush=True)
        time.sleep(every)
    return samples


def _all_at_once(people: int, work: Callable[[int], None]) -> None:
    threads = [threading.Thread(target=work, args=(number,)) for number in range(people)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _work_on(server: ServerProcess, person: int, stop: threading.Event, counts: Counts) -> None:
    while not stop.is_set():
        _work(server, person, 1, counts)


def _work(server: ServerProcess, person: int, sessions: int, counts: Counts) -> None:
    """Work with some sessions, one after the other."""
    draw = random.Random(f"{person} {sum(counts.done.values())}")  # noqa: S311 - what a person does next is no secret
    for _ in range(sessions):
        token = f"quartz{draw.randrange(10**9):09d}zeppelin"
        try:
            with Client(server.url, timeout_s=120.0) as client:
                _one_session(client, draw, token, counts)
        except (ServiceProblemError, ConnectionLostError) as error:
            counts.fail(f"{type(error).__name__}: {error}")


def _one_session(client: Client, draw: random.Random, token: str, counts: Counts) -> None:
    goal = GoalInput(
        target_role=draw.choice(ROLES),
        background="Shift lead in a parcel depot for six years, nights and weekends.",
        notes=(f"I would call the plan {token} on the board",),
    )
    model = draw.choice(("template", *FAULTS))
    session = client.create_session(SessionInput(goal=goal, model=model, seed=draw.randrange(1000)))
    counts.count("sessions")
    client.wait(client.generate(session.id, ExerciseJob(kind="exercise")).id)
    counts.count("exercises")
    if draw.random() < 0.3:  # noqa: PLR2004 - every third person or so
        _leave_in_the_middle(client, session.id, counts)
    for _ in range(draw.randint(1, PACKETS_OF_ONE)):
        ended = client.wait(client.generate(session.id, PacketJob(kind="packet")).id)
        made = client.session(session.id)
        _check(made, ended.status, token, counts)
        counts.count("packets")
        name = draw.choice(FILES)
        if not client.export(session.id, name):
            counts.fail(f"{name} is empty")
        counts.count("exports")
        client.change(made, NotesChange(notes=(f"I would call the plan {token} on the board", "and tell the nights")))
        counts.count("changes")
    if draw.random() < 0.5:  # noqa: PLR2004 - every other person
        client.delete_session(session.id)
        counts.count("deletions")


def _leave_in_the_middle(client: Client, session_id: str, counts: Counts) -> None:
    exercise = client.session(session_id).exercise
    if exercise is None:
        counts.fail("a session has no exercise although one was made")
        return
    for event in client.draft(session_id, SectionJob(kind="section", section=exercise.sample.sections[0].id)):
        if isinstance(event.body, DeltaEvent):
            break
    counts.count("streams")


def _check(made: Document, status: str, token: str, counts: Counts) -> None:
    if status != "done" or made.packet is None:
        counts.fail(f"a packet ended as {status}")
        return
    text = "\n".join(section.markdown for section in made.packet.sample.sections)
    foreign = {word for word in text.split() if word.startswith("quartz") and token not in word}
    if token not in text or foreign:
        counts.fail(f"the packet of {token} holds it {text.count(token)} times, and {sorted(foreign)}")


if __name__ == "__main__":
    sys.exit(main())
