"""How the places are used that data is kept in: database, bucket and broker."""

import os  # only to find out whether we run under pytest's database
from pathlib import Path
from typing import Any

from boto3.s3.transfer import TransferConfig
from botocore.config import Config

MB = 1024**2


def s3_store(*, is_own_server: bool) -> dict[str, Any]:
    """Return the storage: private, encrypted at rest, bounded in time and memory."""
    return {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "default_acl": None,
            "object_parameters": {"ServerSideEncryption": "AES256"},
            "file_overwrite": True,  # keys are ids; a second try replaces the first
            "max_memory_size": MB,
            # One request that streams: parts would be held in memory, all at once.
            "transfer_config": TransferConfig(
                multipart_threshold=64 * MB, use_threads=False
            ),
            "client_config": Config(
                signature_version="s3v4",
                s3={"addressing_style": "path" if is_own_server else "virtual"},
                connect_timeout=3,
                read_timeout=20,
                retries={"total_max_attempts": 2, "mode": "standard"},
            ),
        },
    }


def broker_options(url: str, folder: Path) -> dict[str, Any]:
    """Return what Celery's transport is told; the embedded broker gets its folders."""
    if not url.startswith("filesystem"):
        # A nudge that cannot be sent at once is dropped: the outbox keeps the delivery.
        return {
            "socket_connect_timeout": 1,
            "socket_timeout": 2,
            "retry_on_timeout": False,
            "visibility_timeout": 3600,
        }
    messages, control = folder / "messages", folder / "control"
    for each in (messages, control):
        each.mkdir(parents=True, exist_ok=True)
    return {
        "data_folder_in": str(messages),
        "data_folder_out": str(messages),
        "control_folder": str(control),
        "store_processed": False,
    }


def tuned(database: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Return the connection with the options that the house needs."""
    is_sqlite = database["ENGINE"].endswith("sqlite3")
    ours = _sqlite(folder) if is_sqlite else _postgresql()
    # What DATABASE_URL says behind its question mark (sslmode …) stays.
    options = ours.pop("OPTIONS") | database.get("OPTIONS", {})
    return database | ours | {"OPTIONS": options}


def _sqlite(folder: Path) -> dict[str, Any]:
    return {
        # SQLite has no row locks: IMMEDIATE makes lock, decide, save true there.
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        },
        # A file, so that the threads of a live server see what the test wrote.
        "TEST": {"NAME": str(folder / f"test-{os.getpid()}.sqlite3")},
    }


def _postgresql() -> dict[str, Any]:
    return {
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        # PostgreSQL plans once what a connection asks again and again.
        "OPTIONS": {"server_side_binding": True, "prepare_threshold": 5},
        # Two test runs on one server must not drop each other's database.
        "TEST": {"NAME": f"test_vestibule_{os.getpid()}"},
    }
