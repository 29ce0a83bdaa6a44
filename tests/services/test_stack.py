"""The servers of `make services` are really there and take what `.env.example` says."""

from typing import Any

import boto3
import pytest
import redis
import requests
from botocore.client import Config
from botocore.exceptions import ClientError
from django.db import OperationalError, connection, transaction

from common.keys import new_id
from tenants.models import Tenant
from tests.services.conftest import EXAMPLE, PATIENCE, is_listening, require

pytestmark = pytest.mark.service


@pytest.mark.django_db
def test_the_suite_runs_on_postgresql() -> None:
    require("PostgreSQL (TEST_DATABASE_URL)", connection.vendor == "postgresql")
    with connection.cursor() as cursor:
        cursor.execute("SELECT version(), current_database(), inet_server_port()")
        version, database, port = cursor.fetchone()
    assert version.startswith("PostgreSQL ")
    assert database.startswith("test_"), "never the bank's own database"
    assert port == int(connection.settings_dict["PORT"])


@pytest.mark.django_db(transaction=True)
def test_a_locked_row_is_locked_for_others(demo_bank: Tenant) -> None:
    """Lock, decide, save stands on this; SQLite has no such locks."""
    require("PostgreSQL (TEST_DATABASE_URL)", connection.vendor == "postgresql")
    other = connection.copy()
    with transaction.atomic():
        Tenant.objects.select_for_update().get(pk=demo_bank.pk)
        with other.cursor() as cursor, pytest.raises(OperationalError):
            cursor.execute(
                "SELECT 1 FROM tenants_tenant WHERE id = %s FOR UPDATE NOWAIT",
                [demo_bank.pk],
            )
    other.close()


def test_redis_answers_to_the_password_alone() -> None:
    url = EXAMPLE.str("CELERY_BROKER_URL")
    require("Redis", is_listening(url))
    with redis.Redis.from_url(url, socket_timeout=PATIENCE) as client:
        assert client.ping()
        key = f"vestibule-test:{new_id()}"
        assert client.set(key, "kept", ex=60)
        assert client.get(key) == b"kept"
        client.delete(key)
    stranger = redis.Redis.from_url(url, socket_timeout=PATIENCE)
    stranger.connection_pool.connection_kwargs["password"] = "wrong"
    with stranger, pytest.raises(redis.AuthenticationError):
        stranger.ping()


def s3(**wrong: str) -> Any:
    """Build the client as storages would: version 4, the bucket in the path."""
    keys = {
        "aws_access_key_id": EXAMPLE.str("AWS_ACCESS_KEY_ID"),
        "aws_secret_access_key": EXAMPLE.str("AWS_SECRET_ACCESS_KEY"),
    }
    return boto3.client(
        "s3",
        endpoint_url=EXAMPLE.str("AWS_S3_ENDPOINT_URL"),
        region_name="us-east-1",
        config=Config(
            signature_version="s3v4",
            s3={"addressing_style": "path"},
            connect_timeout=PATIENCE,
            retries={"max_attempts": 1},
        ),
        **(keys | wrong),
    )


def test_s3_keeps_and_hands_out_by_signature_alone() -> None:
    require("S3", is_listening(EXAMPLE.str("AWS_S3_ENDPOINT_URL")))
    place = {
        "Bucket": EXAMPLE.str("AWS_STORAGE_BUCKET_NAME"),
        "Key": f"tests/{new_id()}.pdf",
    }
    client, body = s3(), b"%PDF-1.7 of a test"
    client.put_object(**place, Body=body, ContentType="application/pdf")
    try:
        kept = client.get_object(**place)
        assert (kept["Body"].read(), kept["ContentType"]) == (body, "application/pdf")
        signed = client.generate_presigned_url("get_object", Params=place, ExpiresIn=60)
        assert requests.get(signed, timeout=PATIENCE).content == body
        bare = signed.partition("?")[0]
        altered = signed.replace("X-Amz-Expires=60", "X-Amz-Expires=6000")
        assert altered != signed
        for address in (bare, altered):
            assert requests.get(address, timeout=PATIENCE).status_code == 403
        with pytest.raises(ClientError, match=r"403|Signature"):
            s3(aws_secret_access_key="wrong").get_object(**place)
    finally:
        client.delete_object(**place)
    with pytest.raises(ClientError, match=r"NoSuchKey|404"):
        client.get_object(**place)
