"""The settings themselves."""

import ipaddress
from enum import StrEnum
from pathlib import Path
from typing import Literal, Self
from urllib.parse import parse_qs, urlsplit

from pydantic import BaseModel, Field, SecretStr, model_validator

__all__ = ["KeyRule", "ServiceLimits", "Settings", "holds_password", "is_loopback"]

DATABASE_FILE = "proofkit.sqlite3"


class KeyRule(StrEnum):
    """Whether a caller needs an API key."""

    AUTO = "auto"
    """Not on this computer's own loopback address, and everywhere else."""
    ON = "on"
    OFF = "off"
    """Only on the loopback address."""


class ServiceLimits(BaseModel, frozen=True, strict=True, extra="forbid"):
    """How much one caller may ask for."""

    body_bytes: int = Field(default=262_144, ge=1024)
    """Most bytes of a request's body."""
    upload_bytes: int = Field(default=2_097_152, ge=1024)
    """Most bytes of an uploaded file."""
    upload_seconds: float = Field(default=10.0, gt=0.0)
    """Most seconds that reading an uploaded file may take."""
    requests_per_minute: int = Field(default=240, ge=0)
    """By key, or by address without one, in each process; 0 for no limit."""
    generations_at_once: int = Field(default=8, ge=1)
    """Generations that work at the same time, in this process."""
    generations_waiting: int = Field(default=64, ge=0)
    """Generations that may wait for a place; the next one is told to come back."""
    generations_per_session: int = Field(default=2, ge=1)
    tokens_per_day: int = Field(default=0, ge=0)
    """Tokens that models may write for one key in a day, in each process; 0 for no limit."""


class Settings(BaseModel, frozen=True, strict=True, extra="forbid"):
    """What a service is told when it starts. Make one with `load_settings`."""

    host: str = Field(default="127.0.0.1", min_length=1)
    port: int = Field(default=8000, ge=0, le=65535)
    """0 takes any free one."""
    workers: int = Field(default=1, ge=1, le=256)
    """Processes; more than one needs Postgres and models that run elsewhere."""
    data_dir: Path
    """Folder of the store, of these settings as they were resolved, and of reports."""
    database_url: SecretStr = SecretStr("")
    """Address of the store; empty for a SQLite file in `data_dir`. A password comes from the environment or a file."""
    database_url_env: str = ""
    """Name of the environment variable that holds `database_url`."""
    database_url_file: Path | None = None
    """File that holds `database_url`."""
    models: Path | None = None
    """The models to use, as a TOML file; without it, the one that comes along and then the template."""
    default_model: str = ""
    """Id of the model that a new session uses; empty for the first one."""
    budget_s: float = Field(default=45.0, gt=1.0, le=3600.0)
    """Seconds that one piece of text may take with all its fallbacks."""
    api_keys: KeyRule = KeyRule.AUTO
    operators: tuple[str, ...] = ()
    """Owners of keys that may look after the service itself, such as try a broken model again."""
    cors_origins: tuple[str, ...] = ()
    """Origins of pages in a browser that may call the service, such as `https://app.example.org`."""
    metrics: bool = True
    """Whether `/metrics` answers."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    generation_events_days: int = Field(default=30, ge=0, le=36_500)
    """Days for which the events of a generation can be replayed after its end; 0 for as long as its session is kept."""
    audit_days: int = Field(default=365, ge=0, le=36_500)
    """Days for which the audit log is kept; 0 for good."""
    drain_s: float = Field(default=20.0, ge=0.0)
    """Seconds that running generations get to finish when the service stops."""
    sse_ping_s: float = Field(default=15.0, gt=0.0)
    """Seconds of silence after which an event stream sends a sign of life."""
    limits: ServiceLimits = ServiceLimits()

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if self.api_keys is KeyRule.OFF and not self.is_loopback:
            raise ValueError(
                f"api_keys is 'off' with the host {self.host!r}, which others can reach; expected 'auto' or 'on'. "
                f"Turn the keys on, or listen on 127.0.0.1."
            )
        for origin in self.cors_origins:
            _check_origin(origin)
        return self

    @property
    def is_loopback(self) -> bool:
        """Say whether only this computer can reach the service."""
        return is_loopback(self.host)

    @property
    def needs_keys(self) -> bool:
        """Say whether a caller needs an API key."""
        return self.api_keys is KeyRule.ON or (self.api_keys is KeyRule.AUTO and not self.is_loopback)

    @property
    def store_url(self) -> SecretStr:
        """Return the address of the store, which may hold a password."""
        if self.database_url.get_secret_value():
            return self.database_url
        return SecretStr(f"sqlite:///{(self.data_dir / DATABASE_FILE).absolute().as_posix()}")


def is_loopback(host: str) -> bool:
    """Say whether a host is this computer itself, which nobody else can reach or listen to."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def holds_password(url: str) -> bool:
    """Say whether an address carries a password."""
    try:
        parts = urlsplit(url)
        return bool(parts.password) or "password" in parse_qs(parts.query)
    except ValueError:
        return False


def _check_origin(origin: str) -> None:
    parts = urlsplit(origin)
    if parts.scheme not in {"http", "https"} or not parts.hostname or origin != f"{parts.scheme}://{parts.netloc}":
        raise ValueError(
            f"cors_origins holds {origin!r}; expected an origin such as 'https://app.example.org', without a path and "
            f"without '*'. Name each page that may call the service."
        )
