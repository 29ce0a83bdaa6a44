"""Refuse to start half-configured."""

from typing import Any

from cryptography.fernet import Fernet
from django.conf import settings
from django.core.checks import ERROR as ERROR_LEVEL
from django.core.checks import CheckMessage, Error, Tags, register, run_checks
from django.core.checks import Warning as CheckWarning
from django.core.exceptions import ImproperlyConfigured

from config.caching.settings import ALONE, REDIS

ALGORITHMS = ("HMAC_SHA256_HEX", "HMAC_SHA512_HEX")
# Django's own ways of sending e-mails to nobody.
NOWHERE = tuple(
    f"{name}.EmailBackend" for name in ("filebased", "console", "dummy", "locmem")
)


@register(Tags.security)
def check_configuration(**_: Any) -> list[CheckMessage]:
    """Name each setting that is missing or weak, in one line each."""
    problems = [*_secrets(), *_sumsub(), *_hosts(), *_issuers(), *_watching()]
    return [Error(text, id=f"vestibule.{code}") for code, text in problems]


@register(Tags.security, deploy=True)
def check_account(**_: Any) -> list[CheckMessage]:
    """A sandbox account verifies customers with pictures of nobody."""
    if settings.DEBUG or not settings.SUMSUB_APP_TOKEN.startswith("sbx:"):
        return []
    text = "SUMSUB_APP_TOKEN is of Sumsub's sandbox; production needs a prd: token."
    return [CheckWarning(text, id="vestibule.W001")]


@register(Tags.security, deploy=True)
def check_cache(**_: Any) -> list[CheckMessage]:
    """Paces that each process counts alone are as wide as there are processes."""
    if settings.DEBUG or settings.CACHES["default"]["BACKEND"] != ALONE:
        return []
    text = "CACHE_URL is not set and the broker is no Redis: each process counts alone."
    return [CheckWarning(text, id="vestibule.W002")]


@register(Tags.security, deploy=True)
def check_ways(**_: Any) -> list[CheckMessage]:
    """What is sent nowhere reaches nobody."""
    if settings.DEBUG:
        return []
    found: list[CheckMessage] = []
    if not settings.SMS_URL:
        text = "SMS_URL is not set: no code or message goes out by SMS."
        found.append(CheckWarning(text, id="vestibule.W003"))
    if settings.EMAIL_BACKEND.rpartition(".mail.backends.")[2] in NOWHERE:
        text = "EMAIL_URL names no mail server: no link or message goes out by e-mail."
        found.append(CheckWarning(text, id="vestibule.W004"))
    return found


@register(Tags.security, deploy=True)
def check_proxies(**_: Any) -> list[CheckMessage]:
    """Behind a proxy that we do not count, all callers of the API share its address."""
    if settings.DEBUG or not settings.HAS_TLS or settings.API_PROXIES > 0:
        return []
    text = "API_PROXIES is 0, yet https ends before the web: callers share one address."
    return [CheckWarning(text, id="vestibule.W005")]


def refuse_half_configured() -> None:
    """Raise ImproperlyConfigured naming each error; gunicorn and Celery run no checks.

    The example passes the checks, so that it can be tried; nothing starts with it.
    """
    found = run_checks(tags=[Tags.security])
    errors = [f"{m.id}: {m.msg}" for m in found if m.level >= ERROR_LEVEL]
    errors += [f"vestibule.{code}: {text}" for code, text in _examples()]
    if errors:
        raise ImproperlyConfigured(" ".join(errors))


def _examples() -> list[tuple[str, str]]:
    """Everybody knows what stands in .env.production.example."""
    if settings.DEBUG:
        return []
    values = {
        "SECRET_KEY": [settings.SECRET_KEY],
        "FIELD_ENCRYPTION_KEYS": settings.FIELD_ENCRYPTION_KEYS,
        "BLIND_INDEX_KEY": [settings.BLIND_INDEX_KEY],
        "SUMSUB_SECRET_KEY": [settings.SUMSUB_SECRET_KEY],
        "SMS_SECRET": [settings.SMS_SECRET],
        "SUMSUB_WEBHOOK_SECRETS": settings.SUMSUB_WEBHOOK_SECRETS,
    }
    return [
        ("E030", f"{name} still holds the value of the example.")
        for name, held in values.items()
        if any("EXAMPLE" in value.upper() for value in held)
    ]


def _secrets() -> list[tuple[str, str]]:
    found = []
    key = settings.SECRET_KEY
    if key == settings.MISSING_SECRET_KEY:
        found.append(("E001", "SECRET_KEY is not set."))
    elif not settings.DEBUG and len(key) < 50:
        found.append(("E002", "SECRET_KEY is shorter than 50 characters."))
    found += _blind_index_key()
    if not settings.DEBUG and not settings.FIELD_ENCRYPTION_KEYS:
        found.append(("E003", "FIELD_ENCRYPTION_KEYS is not set."))
    if not all(_is_fernet_key(key) for key in settings.FIELD_ENCRYPTION_KEYS):
        found.append(("E004", "FIELD_ENCRYPTION_KEYS holds what is no Fernet key."))
    return found


def _blind_index_key() -> list[tuple[str, str]]:
    key = settings.BLIND_INDEX_KEY
    if settings.DEBUG:
        return []
    if not key:
        return [("E005", "BLIND_INDEX_KEY is not set.")]
    if len(key) < 32:
        return [("E006", "BLIND_INDEX_KEY is shorter than 32 characters.")]
    return []


def _is_fernet_key(key: str) -> bool:
    try:
        Fernet(key)
    except ValueError:
        return False
    return True


def _sumsub() -> list[tuple[str, str]]:
    found = []
    if settings.SUMSUB_SANDBOX and not settings.DEBUG:
        found.append(
            ("E010", "SUMSUB_APP_TOKEN is not set, and the sandbox needs DEBUG on.")
        )
    if not settings.SUMSUB_WEBHOOK_SECRETS:
        found.append(("E011", "SUMSUB_WEBHOOK_SECRETS is not set."))
    if not settings.SUMSUB_SANDBOX and not settings.SUMSUB_SECRET_KEY:
        found.append(("E012", "SUMSUB_SECRET_KEY is not set."))
    if settings.SUMSUB_WEBHOOK_ALGORITHM not in ALGORITHMS:
        names = " or ".join(ALGORITHMS)
        found.append(("E013", f"SUMSUB_WEBHOOK_ALGORITHM must be {names}."))
    if not settings.DEBUG and "/sandbox/" in settings.SUMSUB_BASE_URL:
        found.append(("E014", "SUMSUB_BASE_URL names the sandbox with DEBUG off."))
    return found


def _is_address(address: str) -> bool:
    """Whether it is "", or a host and a port."""
    host, _, port = address.rpartition(":")
    return not address or bool(host and port.isdigit() and 0 < int(port) < 65_536)


def _hosts() -> list[tuple[str, str]]:
    found = []
    weak = [host for host in settings.ALLOWED_HOSTS if host in ("*", ".")]
    if not settings.DEBUG and (weak or not settings.ALLOWED_HOSTS):
        found.append(("E020", "ALLOWED_HOSTS must name the hosts, not “*”."))
    if not settings.DEBUG and not settings.HAS_TLS:
        found.append(("E021", "PUBLIC_URL must start with https://."))
    if settings.KEYCLOAK_SERVER_URL and not settings.KEYCLOAK_CLIENT_SECRET:
        found.append(("E022", "KEYCLOAK_CLIENT_SECRET is not set."))
    if settings.SMS_URL and not settings.SMS_SECRET:
        found.append(("E024", "SMS_SECRET is not set."))
    if not _is_address(settings.CLAMAV_ADDRESS):
        found.append(("E023", "CLAMAV_ADDRESS must be as in 127.0.0.1:3310."))
    return found


def _issuers() -> list[tuple[str, str]]:
    """Whoever stands between us and an issuer could name keys of their own."""
    names = ("API_OIDC_ISSUER", "STAFF_OIDC_ISSUER")
    found = [(name, str(getattr(settings, name))) for name in names]
    return [
        ("E025", f"{name} must start with https://.")
        for name, issuer in found
        if issuer and not settings.DEBUG and not issuer.startswith("https://")
    ]


def _watching() -> list[tuple[str, str]]:
    found = []
    token = settings.METRICS_TOKEN
    if token and not settings.DEBUG and len(token) < 32:
        found.append(("E026", "METRICS_TOKEN is shorter than 32 characters."))
    place = settings.CACHES["default"].get("LOCATION", "")
    if place and not str(place).startswith(REDIS):
        found.append(("E027", "CACHE_URL must start with redis:// or rediss://."))
    return found
