"""Settings come from defaults, a file, the environment and the command line, in this order, and nothing else."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from proofkit_core.errors import InputError
from proofkit_serve.settings import KeyRule, Settings, load_settings

NOTHING: Mapping[str, str] = {}


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "service.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_without_anything_a_service_listens_on_this_computer_only() -> None:
    settings = load_settings(environ=NOTHING)
    assert (settings.host, settings.port, settings.workers) == ("127.0.0.1", 8000, 1)
    assert settings.is_loopback
    assert not settings.needs_keys
    assert settings.cors_origins == ()
    assert settings.store_url.get_secret_value().startswith("sqlite:///")


def test_the_environment_wins_over_the_file_and_the_command_line_over_both(tmp_path: Path) -> None:
    path = write(tmp_path, 'host = "127.0.0.2"\nport = 1\n[limits]\nbody_bytes = 2048\nupload_bytes = 4096\n')
    environ = {"PROOFKIT_PORT": "2", "PROOFKIT_LIMITS__UPLOAD_BYTES": "8192", "HOME": "/nowhere"}
    settings = load_settings(path, environ=environ, given={"port": 3})
    assert settings.host == "127.0.0.2"
    assert settings.port == 3
    assert settings.limits.body_bytes == 2048
    assert settings.limits.upload_bytes == 8192


@pytest.mark.parametrize(
    ("name", "value", "field", "expected"),
    [
        ("PROOFKIT_METRICS", "no", "metrics", False),
        ("PROOFKIT_DRAIN_S", "2.5", "drain_s", 2.5),
        ("PROOFKIT_API_KEYS", "on", "api_keys", KeyRule.ON),
        ("PROOFKIT_CORS_ORIGINS", "https://a.example, http://b.example:81", "cors_origins", None),
        ("PROOFKIT_MODELS", "models.toml", "models", Path("models.toml")),
    ],
)
def test_a_variable_is_read_as_what_its_setting_holds(name: str, value: str, field: str, expected: object) -> None:
    settings = load_settings(environ={name: value})
    wanted = ("https://a.example", "http://b.example:81") if expected is None else expected
    assert getattr(settings, field) == wanted


def test_paths_in_a_file_are_meant_from_its_own_folder(tmp_path: Path) -> None:
    settings = load_settings(write(tmp_path, 'models = "models.toml"\ndata_dir = "data"\n'), environ=NOTHING)
    assert settings.models == tmp_path / "models.toml"
    assert settings.data_dir == tmp_path / "data"
    assert str(tmp_path / "data") in settings.store_url.get_secret_value()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("prot = 1", r"there is no setting 'prot'\. Did you mean 'port'\?"),
        ("[limits]\nbody_byte = 1", r"there is no setting 'limits\.body_byte'\. Did you mean 'body_bytes'\?"),
        ("colour = 1", r"there is no setting 'colour'\. Expected one of .*workers"),
        ('port = "eighty"', r"'port' must be a whole number, got 'eighty'"),
        ("port = 70000", "'port' input should be less than or equal to 65535"),
        ("limits = 3", "'limits' must be a table|object"),
        ('cors_origins = "https://a.example"', "'cors_origins' must be a list"),
        ('cors_origins = ["*"]', "without '\\*'"),
        ('cors_origins = ["https://a.example/path"]', "without a path"),
        ('host = "0.0.0.0"\napi_keys = "off"', "api_keys is 'off' with the host '0.0.0.0'"),
        ("port = ", "no TOML"),
        ("budget_s = 0.5", "'budget_s'"),
    ],
)
def test_a_wrong_file_is_told_plainly(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        load_settings(write(tmp_path, text), environ=NOTHING)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("PROOFKIT_PROT", "Did you mean 'PROOFKIT_PORT'"),
        ("PROOFKIT_LIMITS__BODY_BYTE", "Did you mean 'PROOFKIT_LIMITS__BODY_BYTES'"),
        ("PROOFKIT_PORT__DEEP", "There is no setting"),
        ("PROOFKIT_PORT", "Expected a whole number"),
    ],
)
def test_a_wrong_variable_is_told_plainly(name: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        load_settings(environ={name: "nonsense"})


def test_a_variable_with_a_secret_is_no_setting() -> None:
    assert load_settings(environ={"PROOFKIT_VLLM_KEY": "s3cret"}).port == 8000


def test_a_missing_file_is_told_with_its_name(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nowhere\.toml.*cannot be read"):
        load_settings(tmp_path / "nowhere.toml", environ=NOTHING)


@pytest.mark.parametrize(
    "url", ["postgresql://me:hunter2@db.example/proofkit", "postgresql://db.example/proofkit?password=hunter2"]
)
def test_a_password_in_a_file_is_refused_and_not_repeated(tmp_path: Path, url: str) -> None:
    with pytest.raises(InputError, match="holds a password") as caught:
        load_settings(write(tmp_path, f'database_url = "{url}"'), environ=NOTHING)
    assert "hunter2" not in str(caught.value)


def test_the_stores_address_comes_from_a_variable_or_a_file(tmp_path: Path) -> None:
    url = "postgresql://me:hunter2@db.example/proofkit"
    secret = tmp_path / "database"
    secret.write_text(f"{url}\n", encoding="utf-8")
    by_name = load_settings(write(tmp_path, 'database_url_env = "DB"'), environ={"DB": url})
    by_file = load_settings(write(tmp_path, 'database_url_file = "database"'), environ=NOTHING)
    direct = load_settings(write(tmp_path, 'database_url_env = "DB"'), environ={"PROOFKIT_DATABASE_URL": url})
    assert {each.store_url.get_secret_value() for each in (by_name, by_file, direct)} == {url}
    assert all("hunter2" not in repr(each) for each in (by_name, by_file, direct))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('database_url_env = "DB"', "'DB', which is not set"),
        ('database_url_file = "nowhere"', "nowhere.* cannot be read"),
        ('database_url_env = "DB"\ndatabase_url_file = "x"', "Expected one of them"),
    ],
)
def test_a_secret_that_is_not_there_is_told(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        load_settings(write(tmp_path, text), environ=NOTHING)


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("[::1]", True),
        ("localhost", True),
        ("0.0.0.0", False),  # noqa: S104 - it is what others can reach
        ("::", False),
        ("10.0.0.1", False),
        ("proofkit.example", False),
    ],
)
def test_keys_are_needed_wherever_others_can_reach_the_service(host: str, *, loopback: bool) -> None:
    settings = load_settings(environ={}, given={"host": host})
    assert settings.is_loopback is loopback
    assert settings.needs_keys is not loopback
    assert load_settings(environ={}, given={"host": host, "api_keys": "on"}).needs_keys


def test_every_setting_can_be_named_in_the_environment() -> None:
    for name in Settings.model_fields:
        with pytest.raises(InputError) as caught:
            load_settings(environ={f"PROOFKIT_{name.upper()}X": "1"})
        assert f"'PROOFKIT_{name.upper()}'" in str(caught.value) or name == "limits"


def test_an_empty_variable_and_an_option_that_was_not_given_count_as_not_set() -> None:
    settings = load_settings(environ={"PROOFKIT_PORT": "", "PROOFKIT_HOST": ""}, given={"port": None, "host": None})
    assert (settings.host, settings.port) == ("127.0.0.1", 8000)


@pytest.mark.parametrize("value", ['["postgresql://me:hunter2@db"]', '"postgresql://me:hunter2@db"'])
def test_what_stands_where_a_secret_belongs_is_not_repeated(tmp_path: Path, value: str) -> None:
    with pytest.raises(InputError, match="no name of an environment variable") as caught:
        load_settings(write(tmp_path, f"database_url_env = {value}"), environ=NOTHING)
    assert "hunter2" not in str(caught.value)
