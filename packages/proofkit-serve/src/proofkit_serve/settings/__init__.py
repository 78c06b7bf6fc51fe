"""What a service is told when it starts: read once from a file and the environment, then passed in, never changed."""

from proofkit_serve.settings.load import load_settings
from proofkit_serve.settings.model import KeyRule, ServiceLimits, Settings
from proofkit_serve.settings.resolved import resolved_toml, settings_digest, write_resolved

__all__ = [
    "KeyRule",
    "ServiceLimits",
    "Settings",
    "load_settings",
    "resolved_toml",
    "settings_digest",
    "write_resolved",
]
