from pathlib import Path

import pytest

from proofkit_core.errors import DataError, StaleIndexError
from proofkit_core.generation import Embedder
from proofkit_core.roles.catalog import load_catalogue
from proofkit_core.roles.index import RoleIndex, add_vectors, build_index, load_index, save_index
from proofkit_core.roles.match import RoleQuery, match_role


def test_digest_follows_the_records(index: RoleIndex) -> None:
    catalogue = load_catalogue()
    assert len(index.digest) == 64
    assert build_index(catalogue).digest == index.digest
    first = catalogue[0]
    changed = first.model_copy(update={"role": first.role.model_copy(update={"summary": "Something else."})})
    assert build_index([changed, *catalogue[1:]]).digest != index.digest


def test_saved_index_comes_back_whole(index: RoleIndex, letter_pairs: Embedder, tmp_path: Path) -> None:
    full = add_vectors(index, letter_pairs)
    path = tmp_path / "roles.json"
    save_index(full, path)
    first = path.read_bytes()
    loaded = load_index(path, load_catalogue())
    assert loaded.digest == full.digest
    query = RoleQuery(target_role="warehouse boss")
    before, after = (match_role(query, i, embedder=letter_pairs) for i in (full, loaded))
    assert after.role == before.role
    assert after.score == pytest.approx(before.score, abs=1e-5)
    save_index(loaded, path)
    assert path.read_bytes() == first


def test_vectors_of_another_catalogue_are_refused(index: RoleIndex, letter_pairs: Embedder, tmp_path: Path) -> None:
    path = tmp_path / "roles.json"
    save_index(add_vectors(index, letter_pairs), path)
    with pytest.raises(StaleIndexError) as refused:
        load_index(path, load_catalogue()[1:])
    message = str(refused.value)
    assert index.digest[:12] in message
    assert build_index(load_catalogue()[1:]).digest[:12] in message
    assert "save_index" in message


def test_vectors_of_another_encoder_are_refused(
    index: RoleIndex, letter_pairs: Embedder, other_letter_pairs: Embedder
) -> None:
    full = add_vectors(index, letter_pairs)
    with pytest.raises(StaleIndexError, match="add_vectors"):
        match_role(RoleQuery(target_role="librarian"), full, embedder=other_letter_pairs)


@pytest.mark.parametrize("content", ["", "{}", '{"schema": "something/1"}', "\x00\xff"])
def test_broken_vector_file_is_refused_plainly(content: str, tmp_path: Path) -> None:
    path = tmp_path / "roles.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match="save_index"):
        load_index(path, load_catalogue())


def test_missing_vector_file_is_refused_plainly(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="save_index"):
        load_index(tmp_path / "nothing.json", load_catalogue())


def test_index_without_vectors_has_nothing_to_save(index: RoleIndex, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="add_vectors"):
        save_index(index, tmp_path / "roles.json")
    assert list(tmp_path.iterdir()) == []


def test_index_cannot_be_changed(index: RoleIndex) -> None:
    with pytest.raises(ValueError, match="frozen"):
        index.digest = "0"  # pyright: ignore[reportAttributeAccessIssue] - that is the claim


def test_empty_catalogue_finds_nothing() -> None:
    match = match_role(RoleQuery(target_role="librarian"), build_index([]))
    assert match.role is None
    assert match.alternatives == ()
