"""Resolves the settings: defaults, then a file, then the environment, then what was given on the command line."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import cast, get_origin

from pydantic import TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from proofkit_core.errors import InputError
from proofkit_serve.settings.model import ServiceLimits, Settings, holds_password
from proofkit_serve.settings.reading import read_toml, suggest, validated

__all__ = ["load_settings"]

PREFIX = "PROOFKIT_"
URL_VARIABLE = f"{PREFIX}DATABASE_URL"
_SECRETS = ("_KEY", "_TOKEN", "_SECRET", "_PASSWORD")
"""Ends of variables that are no settings: a file of models may name them."""
_NESTED = "__"
_KINDS = {bool: "true or false", int: "a whole number", float: "a number"}
_PATHS = ("data_dir", "models", "database_url_file")
_NOTHING: Mapping[str, object] = MappingProxyType({})


def load_settings(
    path: Path | None = None, *, environ: Mapping[str, str], given: Mapping[str, object] = _NOTHING
) -> Settings:
    """Resolve the settings once.

    Args:
        path: A TOML file; without it, the defaults. Paths in it are meant from its own folder.
        environ: The environment; only names that start with `PROOFKIT_` count, such as `PROOFKIT_PORT` or
            `PROOFKIT_LIMITS__BODY_BYTES`, and those that the file names as holding a secret. An empty one counts as
            not set.
        given: What the command line says; it wins, and None stands for what was not said.

    Raises:
        InputError: A setting is unknown or wrong, or a secret stands where others can read it.
    """
    data = _from_file(path) if path else {}
    named = {str(data.get("database_url_env", "")), environ.get(f"{URL_VARIABLE}_ENV", ""), URL_VARIABLE}
    data = _merged(data, _from_environment({name: value for name, value in environ.items() if name not in named}))
    data = _merged(data, {key: value for key, value in given.items() if value is not None})
    data.setdefault("data_dir", str(_default_folder()))
    data = _with_address(data, environ)
    return validated(Settings, data, f"settings in {str(path)!r}" if path else "settings")


def _from_file(path: Path) -> dict[str, object]:
    data = read_toml(path, "The settings")
    for key in _PATHS:
        value = data.get(key)
        if isinstance(value, str) and value:
            data[key] = str(path.parent / Path(value).expanduser())
    url = data.get("database_url")
    if isinstance(url, str) and holds_password(url):
        raise InputError(
            f"{str(path)!r} holds a password in 'database_url'. Expected no secret in a file that others may read. Put "
            f"the address into {URL_VARIABLE}, or name a variable in 'database_url_env' or a file in "
            f"'database_url_file'."
        )
    return data


def _from_environment(environ: Mapping[str, str]) -> dict[str, object]:
    data: dict[str, object] = {}
    for name, value in sorted(environ.items()):
        if not value or not name.startswith(PREFIX) or name.endswith(_SECRETS):
            continue
        outer, _, inner = name.removeprefix(PREFIX).lower().partition(_NESTED)
        fields = ServiceLimits.model_fields if inner and outer == "limits" else Settings.model_fields
        key = inner or outer
        if key not in fields or (inner and outer != "limits"):
            raise InputError(f"There is no setting for the environment variable {name}. {_nearest(name)}")
        read = _read_value(name, value, fields[key])
        if inner:
            cast("dict[str, object]", data.setdefault(outer, {}))[key] = read
        else:
            data[key] = read
    return data


def _nearest(name: str) -> str:
    known = [f"{PREFIX}{key.upper()}" for key in Settings.model_fields if key != "limits"]
    known += [f"{PREFIX}LIMITS{_NESTED}{key.upper()}" for key in ServiceLimits.model_fields]
    return suggest(name, tuple(known))


def _read_value(name: str, value: str, field: FieldInfo) -> object:
    """Read a text as what its field holds; lists are separated by commas."""
    annotation = field.annotation
    if get_origin(annotation) is tuple:
        return [item.strip() for item in value.split(",") if item.strip()]
    kind = _KINDS.get(cast("type", annotation))
    if kind is None or annotation is None:
        return value
    try:
        return TypeAdapter[object](annotation).validate_python(value)
    except ValidationError as error:
        raise InputError(f"{name} is {value!r}. Expected {kind}. Correct it.") from error


def _merged(below: dict[str, object], above: dict[str, object]) -> dict[str, object]:
    merged = dict(below)
    for key, value in above.items():
        under = merged.get(key)
        if isinstance(value, dict) and isinstance(under, dict):
            merged[key] = cast("dict[str, object]", under) | cast("dict[str, object]", value)
        else:
            merged[key] = value
    return merged


def _with_address(data: dict[str, object], environ: Mapping[str, str]) -> dict[str, object]:
    """Put the store's address where it belongs, from the one place that holds it."""
    if environ.get(URL_VARIABLE):
        rest = {key: value for key, value in data.items() if not key.startswith("database_url")}
        return rest | {"database_url": environ[URL_VARIABLE], "database_url_env": URL_VARIABLE}
    places = [key for key in ("database_url", "database_url_env", "database_url_file") if data.get(key)]
    if len(places) > 1:
        raise InputError(f"The store's address stands in {' and in '.join(places)}. Expected one of them. Remove one.")
    if places == ["database_url_env"]:
        return data | {"database_url": _read_variable(data["database_url_env"], environ)}
    if places == ["database_url_file"]:
        return data | {"database_url": _read_secret(Path(str(data["database_url_file"])))}
    return data


def _read_variable(name: object, environ: Mapping[str, str]) -> str:
    if not isinstance(name, str) or not name.isidentifier():
        raise InputError(  # what stands there is not repeated: it may be the address itself
            "'database_url_env' holds something that is no name of an environment variable. Expected the name only. "
            "Put the address into the variable, and the name there."
        )
    if not environ.get(name):
        raise InputError(
            f"'database_url_env' names the environment variable {name!r}, which is not set. Expected the address of "
            f"the store in it. Set it, or leave the setting out for a SQLite file."
        )
    return environ[name]


def _read_secret(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"'database_url_file' names {str(path)!r}, which cannot be read ({error}). Expected the address of the "
            f"store in it. Check the path and who may read it."
        ) from error


def _default_folder() -> Path:
    from platformdirs import user_data_path  # noqa: PLC0415 - only where no folder was named

    return user_data_path("proofkit", appauthor=False)
