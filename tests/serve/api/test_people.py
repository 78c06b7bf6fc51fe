"""All of a person's data: out in one file, back in, and gone for good."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from proofkit_serve.client import Client, ServiceProblemError
from proofkit_serve.client.process import start_server
from proofkit_serve.wire.requests import ExerciseJob, SessionInput

WithGoal = Callable[..., SessionInput]


def test_a_persons_data_moves_to_another_server_whole(tmp_path: Path, with_goal: WithGoal) -> None:
    with start_server(tmp_path / "old") as old, Client(old.url) as client:
        session = client.create_session(with_goal("the label printer dies when it rains"))
        client.wait(client.generate(session.id, ExerciseJob(kind="exercise")).id)
        full = client.session(session.id)
        file = client.export_me()
        assert json.loads(file)["schema"].startswith("proofkit.person/")
        with pytest.raises(ServiceProblemError) as there_already:
            client.restore_me(file)
        assert there_already.value.problem.status == 422

        assert client.delete_me().counted.sessions == 1
        assert client.sessions().sessions == ()
        with pytest.raises(ServiceProblemError):
            client.session(session.id)
        old.stop()
        kept = b"".join(path.read_bytes() for path in (old.folder / "data").iterdir())
        assert b"label printer" not in kept

    with start_server(tmp_path / "new") as new, Client(new.url) as client:
        assert client.restore_me(file).sessions == 1
        assert client.session(session.id) == full
        assert client.undo(full, 1).exercise is None
