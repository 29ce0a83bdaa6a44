"""The environment of the tests, loaded before Django's settings (see pyproject)."""

import os

DEFAULTS = {
    "SECRET_KEY": "tests-only-" + "k" * 50,
    "DEBUG": "true",
    "ALLOWED_HOSTS": "localhost,127.0.0.1,testserver",
    "PUBLIC_URL": "http://testserver",
    "FIELD_ENCRYPTION_KEYS": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
    "BLIND_INDEX_KEY": "tests-only-blind-index-" + "i" * 16,
    "DATABASE_URL": "",
    "CELERY_BROKER_URL": "memory://",
    "CACHE_URL": "",
    "FILES_FOLDER": "var/test-files",
    "EMAIL_URL": "memorymail://",
    "SUMSUB_APP_TOKEN": "",
    "SUMSUB_SECRET_KEY": "",
    "SUMSUB_WEBHOOK_SECRETS": "whsec-demo-4f1c9a",
    "SUMSUB_WEBHOOK_ALGORITHM": "HMAC_SHA256_HEX",
    "KEYCLOAK_SERVER_URL": "",
    "STAFF_OIDC_ISSUER": "",
    "API_OIDC_ISSUER": "",
    "AWS_STORAGE_BUCKET_NAME": "",
    "CLAMAV_ADDRESS": "",
    # Playwright keeps an event loop in the thread that the ORM is used from.
    "DJANGO_ALLOW_ASYNC_UNSAFE": "true",
    "DEMO_PASSWORD": "demo-password-for-tests",
}
# A developer's .env must not decide what the tests see; only scripts/test may.
for name, value in DEFAULTS.items():
    os.environ[name] = os.environ.get(f"TEST_{name}", value)  # noqa: TID251 - before settings exist
if not os.environ["DATABASE_URL"]:  # noqa: TID251
    del os.environ["DATABASE_URL"]  # noqa: TID251
