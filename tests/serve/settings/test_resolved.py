"""The settings as they were resolved are written down without secrets, and can be read back."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proofkit_core.errors import InputError
from proofkit_serve.settings import load_settings, resolved_toml, settings_digest, write_resolved

SECRET_URL = "postgresql://me:hunter2@db.example/proofkit"  # noqa: S105 - no secret of anybody's
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)


@settings(deadline=None)
@given(
    data_dir=TEXTS,
    default_model=TEXTS,
    port=st.integers(0, 65535),
    drain_s=st.floats(0, 1e6),
    metrics=st.booleans(),
    hosts=st.lists(st.sampled_from(["a.example", "b.example:8443", "xn--bcher-kva.example"]), max_size=3),
)
def test_what_is_written_reads_back_the_same(
    tmp_path_factory: pytest.TempPathFactory,
    data_dir: str,
    default_model: str,
    port: int,
    drain_s: float,
    hosts: list[str],
    *,
    metrics: bool,
) -> None:
    values = {
        "data_dir": f"/data/{data_dir}",
        "default_model": default_model,
        "port": port,
        "drain_s": drain_s,
        "metrics": metrics,
        "cors_origins": [f"https://{host}" for host in hosts],
    }
    loaded = load_settings(environ={}, given=values)
    text = resolved_toml(loaded)
    path = tmp_path_factory.mktemp("settings") / "again.toml"
    path.write_text(text, encoding="utf-8", newline="")
    again = load_settings(path, environ={})
    assert again == loaded
    assert resolved_toml(again) == text


def test_no_secret_is_written(tmp_path: Path) -> None:
    settings = load_settings(environ={"PROOFKIT_DATABASE_URL": SECRET_URL}, given={"data_dir": str(tmp_path)})
    text = write_resolved(settings, tmp_path).read_text(encoding="utf-8")
    assert "hunter2" not in text
    assert tomllib.loads(text)["database_url_env"] == "PROOFKIT_DATABASE_URL"
    direct = load_settings(environ={}, given={"database_url": SECRET_URL})
    assert "hunter2" not in resolved_toml(direct)


def test_the_file_carries_the_digest_of_what_it_says(tmp_path: Path) -> None:
    settings = load_settings(environ={}, given={"data_dir": str(tmp_path), "port": 1})
    other = load_settings(environ={}, given={"data_dir": str(tmp_path), "port": 2})
    text = write_resolved(settings, tmp_path / "new" / "folder").read_text(encoding="utf-8")
    assert settings_digest(settings) in text
    assert settings_digest(settings) != settings_digest(other)
    assert [path.name for path in (tmp_path / "new" / "folder").iterdir()] == ["settings.resolved.toml"]


def test_a_folder_that_cannot_be_written_to_is_told(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("", encoding="utf-8")
    settings = load_settings(environ={}, given={"data_dir": str(tmp_path)})
    with pytest.raises(InputError, match="could not be written"):
        write_resolved(settings, blocked)
