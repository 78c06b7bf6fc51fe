"""Eight people at once with the model that comes along: nobody's work is lost, and nobody gets another's words."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from proofkit_core.packet import Section, Writer
from proofkit_serve.client import Client
from proofkit_serve.client.process import start_server
from proofkit_serve.wire.requests import ExerciseJob, SectionJob, SessionInput

SESSIONS = 8
OWN_MODEL = """
[[model]]
id = "own"
backend = "llama_cpp"
limits = { queue_s = 900.0, first_token_s = 300.0, idle_s = 300.0, total_s = 900.0 }
"""
WithGoal = Callable[..., SessionInput]


class Drafted(NamedTuple):
    """What one of them got."""

    status: str
    section: Section
    text: str
    """All that the session and its events say."""


@pytest.mark.model
@pytest.mark.slow
def test_eight_sessions_at_once_with_the_model_each_get_their_own_token_back(
    tmp_path: Path, with_goal: WithGoal
) -> None:
    tokens = {number: f"zeppelin{number:03d}quartz" for number in range(SESSIONS)}
    drafted: dict[int, Drafted] = {}
    settings = {"budget_s": 900.0}
    with start_server(tmp_path, models=OWN_MODEL, settings=settings, limits={"requests_per_minute": 0}) as server:

        def draft(number: int) -> None:
            with Client(server.url, timeout_s=900.0) as client:
                session = client.create_session(with_goal(f"I would call the plan {tokens[number]} on the board"))
                client.wait(client.generate(session.id, ExerciseJob(kind="exercise")).id)
                exercise = client.session(session.id).exercise
                assert exercise is not None
                taken = client.generate(session.id, SectionJob(kind="section", section=exercise.sample.sections[0].id))
                told = [event.body.model_dump_json() for event in client.follow(taken.id)]
                document = client.session(session.id)
                (section,) = document.sections
                text = "\n".join([document.model_dump_json(), *told])
                drafted[number] = Drafted(client.generation(taken.id).status, section.section, text)

        threads = [threading.Thread(target=draft, args=(number,)) for number in tokens]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert {number: each.status for number, each in drafted.items()} == dict.fromkeys(tokens, "done")
    for number, each in drafted.items():
        assert tokens[number] in each.section.markdown
        assert [token for other, token in tokens.items() if other != number and token in each.text] == []
        assert each.section.origin.attempts > 0  # the model was asked, not only the template
    assert Writer.MODEL in {each.section.origin.writer for each in drafted.values()}
