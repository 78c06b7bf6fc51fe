"""A person's data is theirs: saved as one file, brought back elsewhere, deleted for good."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from proofkit_serve.sessions import document_json, read_document
from proofkit_ui.web.restoring import fitted, session_ids

Fixture = Any
"""What a fixture gives; importlib mode lets tests share no module."""

Visit = Callable[[Any], Any]
RARE_WORD = "zwirbelhasenkoppel"


@pytest.fixture(scope="module")
def own_app(make_app: Callable[..., Any]) -> Iterator[Any]:
    """A server whose file nobody else writes into."""
    return make_app()


def backup_of(visitor: Fixture) -> bytes:
    answer = visitor.http.get("/data/backup")
    assert answer.headers["content-disposition"] == 'attachment; filename="proofkit-backup.json"'
    content: bytes = answer.content
    return content


def restored(visitor: Fixture, file: bytes, *, status: int = 200) -> str:
    page: str = visitor.post("/data/restore", status=status, files={"backup": ("b.json", file, "application/json")})
    return page


def test_nothing_is_listed_before_anything_is_begun(visitor: Fixture, w: Fixture) -> None:
    page = visitor.get("/data")
    assert w("data.list_none") in page
    assert w("data.backup_none") in page
    assert w("data.delete") not in page


def test_a_backup_is_brought_back_in_another_browser_of_the_same_server(app: Fixture, visit: Visit, w: Fixture) -> None:
    one, other = visit(app), visit(app)
    session = one.begin()
    one.make(session)
    page = restored(other, backup_of(one))
    assert w("data.restored.heading", n=1) in page
    theirs = json.loads(backup_of(other))["sessions"][0]
    mine = json.loads(backup_of(one))["sessions"][0]
    assert theirs["document"]["id"] != mine["document"]["id"]
    for each in (theirs, mine):
        each["document"].pop("id")
    assert theirs["document"] == mine["document"]
    assert other.http.get(f"/s/{session}/packet").status_code == 404
    new = other.get("/data").partition('<ul class="own-list">')[2].partition('href="/s/')[2].partition('"')[0]
    assert w("packet.downloads.heading") in other.get(f"/s/{new}/packet")


def test_a_backup_is_brought_back_on_another_computer_under_the_same_address(
    app: Fixture, own_app: Fixture, visit: Visit
) -> None:
    one, other = visit(app), visit(own_app)
    session = one.begin()
    restored(other, backup_of(one))
    assert "Shift lead" in other.get(f"/s/{session}/goal")


def test_bringing_back_what_is_here_changes_nothing(visitor: Fixture, w: Fixture) -> None:
    session = visitor.begin()
    file = backup_of(visitor)
    page = restored(visitor, file)
    assert w("data.restored.none") in page
    assert w("data.restored.here", n=1) in page
    assert [each["document"]["id"] for each in json.loads(backup_of(visitor))["sessions"]] == [session]


def test_bringing_back_an_older_state_puts_a_copy_beside_the_newer(visitor: Fixture, w: Fixture) -> None:
    session = visitor.begin()
    older = backup_of(visitor)
    visitor.make(session, "sections")
    assert w("data.restored.heading", n=1) in restored(visitor, older)
    documents = [each["document"] for each in json.loads(backup_of(visitor))["sessions"]]
    assert len(documents) == 2
    assert next(each for each in documents if each["id"] == session)["sections"]


@pytest.mark.parametrize(
    "file",
    [b"{}", b"\x00\xff", b'{"schema":"proofkit.person/1","sessions":[{"document":{"id":"s_x"}}]}', b"[" * 5000],
)
def test_another_file_is_refused_with_a_sentence(visitor: Fixture, w: Fixture, file: bytes) -> None:
    page = restored(visitor, file, status=422)
    assert w("data.restored.problem") in page
    assert w("data.restored.nothing_changed") in page


def test_no_file_is_said_to_be_missing(visitor: Fixture, w: Fixture) -> None:
    assert w("data.restored.no_file") in visitor.post("/data/restore", status=422)


def test_deleting_everything_is_asked_and_leaves_nothing_in_the_file(
    own_app: Fixture, visit: Visit, w: Fixture
) -> None:
    someone, other = visit(own_app), visit(own_app)
    kept = other.begin("nurse-educator")
    backup = json.loads(backup_of(with_rare_word(someone)))
    assert RARE_WORD in json.dumps(backup)
    assert RARE_WORD.encode() in bytes_of(own_app)
    asked = someone.get("/data/delete")
    assert w("data.asking.told", n=1) in asked
    assert w("data.asking.backup_first") in asked
    assert someone.http.post("/data/delete").url.path == "/data/delete"  # without having been sure: asked again
    assert RARE_WORD.encode() in bytes_of(own_app)
    page = someone.post("/data/delete", sure="yes")
    assert w("data.deleted.heading") in page
    assert w("data.deleted.swept") in page
    assert RARE_WORD.encode() not in bytes_of(own_app)
    assert "proofkit_visitor" not in someone.http.cookies
    assert w("data.list_none") in someone.get("/data")
    assert w("data.list_none") not in other.get("/data")
    assert other.http.get(f"/s/{kept}/goal").status_code == 200


def test_one_work_sample_is_deleted_after_asking(visitor: Fixture, w: Fixture) -> None:
    gone, kept = visitor.begin(), visitor.begin("nurse-educator")
    assert w("data.asking.told_one") in visitor.get(f"/data/sessions/{gone}/delete")
    assert w("notes.deleted_one") in visitor.post(f"/data/sessions/{gone}/delete", sure="yes")
    visitor.get(f"/s/{gone}/goal", status=404)
    visitor.get(f"/s/{kept}/goal")


def test_nobody_deletes_or_saves_anothers(app: Fixture, visit: Visit) -> None:
    one, other = visit(app), visit(app)
    session = one.begin()
    other.get(f"/data/sessions/{session}/delete", status=404)
    other.post(f"/data/sessions/{session}/delete", status=404, sure="yes")
    assert json.loads(backup_of(other))["sessions"] == []
    one.get(f"/s/{session}/goal")


def with_rare_word(visitor: Fixture) -> Fixture:
    """Bring in a work sample with a word that stands nowhere else."""
    visitor.begin()
    file = backup_of(visitor).replace(b"Shift lead", f"Shift lead {RARE_WORD}".encode())
    visitor.post("/data/delete", sure="yes")
    restored(visitor, file)
    return visitor


def bytes_of(app: Fixture) -> bytes:
    """Return all that the server keeps on the disk."""
    return b"".join(path.read_bytes() for path in Path(app.folder).rglob("*") if path.is_file())


def test_fitting_keeps_what_it_cannot_read_for_the_store_to_refuse() -> None:
    for file in (b"", b"nothing", b"[]", b'{"sessions": 7}', b'{"sessions": [1]}', b'{"sessions": [{"document": 3}]}'):
        assert fitted(file, {}, all_new=True).file == file
        assert session_ids(file) == ()


def test_fitting_gives_every_generation_a_new_id_too(finished: Fixture) -> None:
    session = {
        "start": json.loads(document_json(finished)),
        "document": json.loads(document_json(finished)),
        "generations": [{"id": "gen_" + "a" * 24}],
    }
    file = json.dumps({"sessions": [session]}).encode()
    fresh = json.loads(fitted(file, {}, all_new=True).file)["sessions"][0]
    assert fresh["start"]["id"] == fresh["document"]["id"] != finished.id
    assert fresh["generations"][0]["id"] != "gen_" + "a" * 24
    assert read_document(json.dumps(fresh["document"])).goal == finished.goal
