"""Settings of what operators see: the form of log lines, and the metrics page."""

from pathlib import Path
from typing import Any, NamedTuple

from config.logs import logging_as

_CHECKOUT = Path(__file__).resolve().parents[2]


class Observing(NamedTuple):
    """`metrics_dir` is where the processes of one machine put their figures."""

    logging: dict[str, Any]
    metrics_token: str
    metrics_dir: Path | None
    trust_request_id: bool


def observing(env: Any, *, is_debug: bool) -> Observing:
    """Read them from the environment; without a token nothing is gathered in files.

    The metrics library asks the environment for the folder when it is first imported,
    which is after the settings.
    """
    form = env.str("LOG_FORMAT", default="") or ("plain" if is_debug else "json")
    token = env.str("METRICS_TOKEN", default="")
    folder = _CHECKOUT / env.str("METRICS_FOLDER", default="var/metrics")
    if token:
        folder.mkdir(parents=True, exist_ok=True)
        env.ENVIRON["PROMETHEUS_MULTIPROC_DIR"] = str(folder)
    is_trusted = env.bool("TRUST_REQUEST_ID", default=False)
    return Observing(logging_as(form), token, folder if token else None, is_trusted)
