"""The environment of a measurement: production's settings, servers on this machine.

It is set before Django is loaded and inherited by every process that is started.
"""

import os
import re
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
_LINE = re.compile(r"^([A-Z][A-Z0-9_]*)=(.*)$", re.MULTILINE)
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
# What decides how the house behaves is the same on every machine.
_FIXED = {
    "DJANGO_SETTINGS_MODULE": "bench.settings",
    "DEBUG": "false",
    "ALLOWED_HOSTS": "127.0.0.1",
    "PUBLIC_URL": "https://127.0.0.1",
    # Of the kind that the stand-in takes; it is no token of any account.
    "SUMSUB_APP_TOKEN": "sbx:local-sandbox",
    "SUMSUB_SECRET_KEY": "local-sandbox-secret",
    "SUMSUB_BASE_URL": "http://127.0.0.1:1",
    "STAFF_OIDC_ISSUER": "",
    "API_OIDC_ISSUER": "",
    "CLAMAV_ADDRESS": "",
    # One asker sends what many would; how often one may ask is not what is measured.
    "API_RATE": "1000000/min",
}


class UnfitError(Exception):
    """The measurement cannot be made here; the message is one plain sentence."""


def load(
    *, with_keycloak: bool = False, with_bucket: bool = False, **more: str
) -> dict[str, str]:
    """Put the settings of a measurement into the environment and return them.

    As everywhere in the house the environment wins over .env, and .env over
    .env.example. Raises UnfitError when a server is not on this machine.
    """
    known: dict[str, str] = {}
    for name in (".env.example", ".env"):
        path = ROOT / name
        known |= dict(_LINE.findall(path.read_text())) if path.exists() else {}
    known |= {name: os.environ[name] for name in known if name in os.environ}  # noqa: TID251
    known |= _FIXED | more
    if not with_keycloak:
        known["KEYCLOAK_SERVER_URL"] = ""
    if not with_bucket:
        known["AWS_STORAGE_BUCKET_NAME"] = ""
    elif known["AWS_S3_ENDPOINT_URL"]:
        _refuse_far("AWS_S3_ENDPOINT_URL", known["AWS_S3_ENDPOINT_URL"])
    for name in ("DATABASE_URL", "CELERY_BROKER_URL", "EMAIL_URL"):
        _refuse_far(name, known[name])
    if with_keycloak:
        _refuse_far("KEYCLOAK_SERVER_URL", known["KEYCLOAK_SERVER_URL"])
    os.environ.update(known)  # noqa: TID251 - before settings exist, as in the tests
    return known


def _refuse_far(name: str, url: str) -> None:
    if urlsplit(url).hostname not in _LOOPBACK:
        raise UnfitError(f"{name} must name a server on this machine.")
