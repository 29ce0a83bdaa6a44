"""Half-configured installations do not start, and say in one line why."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.conf import LazySettings

from config.checks import check_configuration
from tenants import checks as tenant_checks
from tenants.roles import Operation, Role

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parent.parent.parent
KEY = Fernet.generate_key().decode()

# What a production installation sets; each test spoils one of them.
PRODUCTION: dict[str, str] = {
    "DEBUG": "false",
    "SECRET_KEY": "p" * 25 + "Q" * 25 + "0123456789-_",
    "ALLOWED_HOSTS": "vestibule.bank.example",
    "PUBLIC_URL": "https://vestibule.bank.example",
    "FIELD_ENCRYPTION_KEYS": KEY,
    "BLIND_INDEX_KEY": "b" * 32,
    "API_PROXIES": "1",
    "SUMSUB_APP_TOKEN": "prd:token",
    "SUMSUB_SECRET_KEY": "secret",
    "SUMSUB_WEBHOOK_SECRETS": "webhook-secret",
    "KEYCLOAK_SERVER_URL": "https://login.bank.example",
    "KEYCLOAK_CLIENT_SECRET": "client-secret",
    "EMAIL_URL": "smtp+tls://user:password@mail.bank.example:587",
    "SMS_URL": "https://sms.bank.example/messages",
    "SMS_SECRET": "sms-secret",
    "CELERY_BROKER_URL": "redis://redis.bank.example:6379/0",
    "SUMSUB_WEBHOOK_ALGORITHM": "HMAC_SHA256_HEX",
    "SUMSUB_BASE_URL": "https://api.sumsub.com",
    "STAFF_OIDC_ISSUER": "",
    "AWS_STORAGE_BUCKET_NAME": "",
    "DEMO_PASSWORD": "",
}


def in_production(*arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
    """Run manage.py as an operator would; "" unsets a variable."""
    return run("manage.py", *arguments, **changes)


def run(*arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **PRODUCTION, **changes}  # noqa: TID251 - passed on
    environment.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)  # the browser tests' own
    return subprocess.run(
        [sys.executable, "-W", "ignore", *arguments],
        cwd=ROOT,
        env=environment,
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.fixture
def production(settings: LazySettings) -> LazySettings:
    """Set what a good production installation has."""
    good: dict[str, Any] = {
        "DEBUG": False,
        "SECRET_KEY": "k" * 50,
        "FIELD_ENCRYPTION_KEYS": [KEY],
        "BLIND_INDEX_KEY": "b" * 32,
        "API_PROXIES": "1",
        "SUMSUB_SANDBOX": False,
        "SUMSUB_SECRET_KEY": "secret",
        "SUMSUB_WEBHOOK_SECRETS": ["webhook"],
        "SUMSUB_WEBHOOK_ALGORITHM": "HMAC_SHA256_HEX",
        "SUMSUB_BASE_URL": "https://api.sumsub.com",
        "ALLOWED_HOSTS": ["vestibule.bank.example"],
        "HAS_TLS": True,
        "KEYCLOAK_SERVER_URL": "https://login.bank.example",
        "KEYCLOAK_CLIENT_SECRET": "secret",
        "API_OIDC_ISSUER": "https://login.bank.example/realms/staff",
        "STAFF_OIDC_ISSUER": "https://login.bank.example/realms/staff",
        "METRICS_TOKEN": "m" * 32,
    }
    for name, value in good.items():
        setattr(settings, name, value)
    return settings


def found() -> list[str]:
    return [str(message.id) for message in check_configuration()]


def test_a_good_installation_is_fine(production: LazySettings) -> None:
    assert found() == []


SPOILT: list[tuple[str, dict[str, Any], str]] = [
    ("E001", {"SECRET_KEY": "missing-secret-key"}, "SECRET_KEY is not set"),
    ("E001", {"SECRET_KEY": "missing-secret-key", "DEBUG": True}, "SECRET_KEY"),
    ("E002", {"SECRET_KEY": "k" * 49}, "shorter than 50"),
    ("E003", {"FIELD_ENCRYPTION_KEYS": []}, "FIELD_ENCRYPTION_KEYS is not set"),
    ("E004", {"FIELD_ENCRYPTION_KEYS": [KEY, "short"]}, "no Fernet key"),
    ("E004", {"FIELD_ENCRYPTION_KEYS": [KEY[:-4]]}, "no Fernet key"),
    ("E005", {"BLIND_INDEX_KEY": ""}, "BLIND_INDEX_KEY is not set"),
    ("E006", {"BLIND_INDEX_KEY": "b" * 31}, "shorter than 32"),
    ("E010", {"SUMSUB_SANDBOX": True}, "the sandbox needs DEBUG on"),
    ("E011", {"SUMSUB_WEBHOOK_SECRETS": []}, "SUMSUB_WEBHOOK_SECRETS is not set"),
    ("E012", {"SUMSUB_SECRET_KEY": ""}, "SUMSUB_SECRET_KEY is not set"),
    ("E013", {"SUMSUB_WEBHOOK_ALGORITHM": "HMAC_SHA1_HEX"}, "HMAC_SHA256_HEX or"),
    ("E013", {"SUMSUB_WEBHOOK_ALGORITHM": ""}, "HMAC_SHA256_HEX or"),
    ("E014", {"SUMSUB_BASE_URL": "https://x.example/sandbox/sumsub"}, "names the san"),
    ("E020", {"ALLOWED_HOSTS": []}, "ALLOWED_HOSTS must name"),
    ("E020", {"ALLOWED_HOSTS": ["a.example", "*"]}, "ALLOWED_HOSTS must name"),
    ("E021", {"HAS_TLS": False}, "https://"),
    ("E022", {"KEYCLOAK_CLIENT_SECRET": ""}, "KEYCLOAK_CLIENT_SECRET is not set"),
    ("E024", {"SMS_URL": "https://sms.example", "SMS_SECRET": ""}, "SMS_SECRET is not"),
    ("E023", {"CLAMAV_ADDRESS": "clamd"}, "CLAMAV_ADDRESS must be as in"),
    ("E023", {"CLAMAV_ADDRESS": ":3310"}, "CLAMAV_ADDRESS must be as in"),
    ("E023", {"CLAMAV_ADDRESS": "clamd:70000"}, "CLAMAV_ADDRESS must be as in"),
    ("E025", {"API_OIDC_ISSUER": "http://login.bank.example"}, "API_OIDC_ISSUER must"),
    ("E025", {"STAFF_OIDC_ISSUER": "http://login.bank.example"}, "STAFF_OIDC_ISSUER"),
    ("E026", {"METRICS_TOKEN": "m" * 31}, "METRICS_TOKEN is shorter than 32"),
    ("E027", {"CACHES": {"default": {"LOCATION": "memcached://c"}}}, "CACHE_URL must"),
]


@pytest.mark.parametrize(("code", "changes", "words"), SPOILT)
def test_each_slip_is_named(
    production: LazySettings, code: str, changes: dict[str, Any], words: str
) -> None:
    for name, value in changes.items():
        setattr(production, name, value)
    (message,) = check_configuration()
    assert message.id == f"vestibule.{code}"
    assert words in message.msg
    assert "\n" not in message.msg
    assert KEY not in message.msg, "a check must not print a key"


def test_every_code_is_proven() -> None:
    source = (ROOT / "config" / "checks.py").read_text()
    codes = {word[1:5] for word in source.split("(") if word.startswith('"E0')}
    # E030 is of the start alone, see test_nothing_starts_with_the_example.
    assert codes == {code for code, _, _ in SPOILT} | {"E030"}


def test_a_developer_needs_little(production: LazySettings) -> None:
    production.DEBUG = True
    production.FIELD_ENCRYPTION_KEYS = []
    production.BLIND_INDEX_KEY = ""
    production.SECRET_KEY = "short"
    production.SUMSUB_SANDBOX = True
    production.ALLOWED_HOSTS = []
    production.HAS_TLS = False
    production.KEYCLOAK_SERVER_URL = production.KEYCLOAK_CLIENT_SECRET = ""
    production.API_OIDC_ISSUER = production.STAFF_OIDC_ISSUER = "http://127.0.0.1:8081"
    production.METRICS_TOKEN = "short"
    assert found() == []


def test_a_permission_without_its_app_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert tenant_checks.check_role_table() == []
    bad = Operation("dance", ("dance",), frozenset({Role.TELLER}))
    monkeypatch.setattr(tenant_checks, "TABLE", (bad,))
    (message,) = tenant_checks.check_role_table()
    assert message.id == "tenants.E001"
    assert "“dance” is not app.codename" in message.msg


# --- as processes ---------------------------------------------------------------


def test_check_deploy_is_clean_in_production() -> None:
    done = in_production("check", "--deploy", "--fail-level", "WARNING")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "no issues" in done.stdout


def test_cookies_need_tls_in_production() -> None:
    names = [
        "SESSION_COOKIE_SECURE",
        "CSRF_COOKIE_SECURE",
        "SECURE_SSL_REDIRECT",
        "SESSION_COOKIE_HTTPONLY",
        "SECURE_HSTS_INCLUDE_SUBDOMAINS",
    ]
    values = ", ".join(f"settings.{name}" for name in names)
    script = f"from django.conf import settings; print(all([{values}]))"
    done = in_production("shell", "--no-imports", "-c", script)
    assert done.stdout.strip() == "True", done.stderr


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"SECRET_KEY": ""}, "vestibule.E001"),
        ({"SUMSUB_APP_TOKEN": ""}, "vestibule.E010"),
        ({"PUBLIC_URL": "http://vestibule.bank.example"}, "vestibule.E021"),
        ({"API_OIDC_ISSUER": "http://login.bank.example"}, "vestibule.E025"),
        (
            {"METRICS_TOKEN": "short", "METRICS_FOLDER": "var/test-metrics"},
            "vestibule.E026",
        ),
        ({"CACHE_URL": "memcached://cache.bank.example"}, "vestibule.E027"),
    ],
)
def test_a_half_configured_installation_is_refused(
    changes: dict[str, str], code: str
) -> None:
    done = in_production("check", **changes)
    assert done.returncode != 0
    assert code in done.stderr
    assert "Traceback" not in done.stderr


def test_gunicorn_does_not_start_half_configured() -> None:
    done = run("-c", "import config.wsgi", FIELD_ENCRYPTION_KEYS="")
    assert done.returncode != 0
    last = done.stderr.strip().splitlines()[-1]
    assert "vestibule.E003: FIELD_ENCRYPTION_KEYS is not set." in last


def example() -> dict[str, str]:
    """The production example as a shell would read it."""
    text = (ROOT / ".env.production.example").read_text()
    lines = [line for line in text.splitlines() if "=" in line and line[0] != "#"]
    return dict(line.split("=", 1) for line in lines)


def test_check_deploy_is_clean_under_the_example() -> None:
    found = in_production("check", "--deploy", **example())
    assert found.returncode == 0, found.stderr
    assert "no issues" in found.stdout + found.stderr


@pytest.mark.parametrize(
    "command",
    [
        ("-c", "import config.wsgi"),
        ("-m", "celery", "-A", "config", "worker", "--pool", "solo"),
        ("-m", "celery", "-A", "config", "beat"),
    ],
    ids=["web", "worker", "beat"],
)
def test_nothing_starts_with_the_example(command: tuple[str, ...]) -> None:
    found = run(*command, **example())
    assert found.returncode != 0
    assert "E030" in found.stderr


def test_a_sandbox_account_is_warned_of() -> None:
    found = in_production("check", "--deploy", SUMSUB_APP_TOKEN="sbx:token")
    assert "W001" in found.stdout + found.stderr


def test_paces_that_each_process_counts_alone_are_warned_of() -> None:
    found = in_production("check", "--deploy", CELERY_BROKER_URL="memory://")
    assert "vestibule.W002" in found.stdout + found.stderr
    found = in_production("check", "--deploy", CELERY_BROKER_URL="memory://",
                          CACHE_URL="rediss://redis.bank.example:6379/1")  # fmt: skip
    assert "W002" not in found.stdout + found.stderr


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"SMS_URL": ""}, "W003"),
        ({"EMAIL_URL": ""}, "W004"),
        ({"EMAIL_URL": "consolemail://"}, "W004"),
        ({"EMAIL_URL": "dummymail://"}, "W004"),
    ],
)
def test_ways_that_lead_nowhere_are_warned_of(
    changes: dict[str, str], code: str
) -> None:
    found = in_production("check", "--deploy", **changes)
    assert f"vestibule.{code}" in found.stdout + found.stderr
