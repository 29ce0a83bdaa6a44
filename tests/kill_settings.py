"""Settings of the worker processes that test_kill.py starts and kills."""

import os
from pathlib import Path

import config.celery
from config.settings import *  # noqa: F403 - the very settings of production, but for these

INSTALLED_APPS = [*INSTALLED_APPS, "tests.killapp"]  # noqa: F405
DELIVERY_LEASE_SECONDS = 2
config.celery.SWEEP_DELIVERIES_EVERY = 0.5
CELERY_WORKER_PROC_ALIVE_TIMEOUT = 30

if CELERY_BROKER_URL.startswith("filesystem"):  # noqa: F405
    _folder = Path(os.environ["KILL_FOLDER"])  # noqa: TID251 - a setting like any other
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        **CELERY_BROKER_TRANSPORT_OPTIONS,  # noqa: F405
        "data_folder_in": str(_folder / "messages"),
        "data_folder_out": str(_folder / "messages"),
        "control_folder": str(_folder / "control"),
    }
    for _name in ("messages", "control"):
        (_folder / _name).mkdir(parents=True, exist_ok=True)
