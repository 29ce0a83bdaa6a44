"""What became of the customers: how long each stage took, and whether all adds up."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bench.figures import in_seconds
from customers.registry.choices import Activity, KycStatus
from customers.registry.models import Customer
from deposits.models import Account
from events.models import Delivery
from kyc.models import Callback
from onboarding.models import Login, Provisioning

# Name of the stage, and where its moment stands in the tracker.
_STAGES = {
    "account": "account_opened_at",
    "login": "login_created_at",
    "active": "activated_at",
    "welcome": "welcome_sent_at",
}


@dataclass(frozen=True)
class Stage:
    """How long each one waited, and from the first begun to the last done."""

    waits: list[float]
    total: float

    @classmethod
    def of(cls, times: Iterable[tuple[datetime, datetime | None]]) -> "Stage":
        known = [(start, end) for start, end in times if end is not None]
        first = min(start for start, _ in known)
        last = max(end for _, end in known)
        waits = [(end - start).total_seconds() for start, end in known]
        return cls(waits, (last - first).total_seconds())


def pace(stage: Stage) -> dict[str, Any]:
    return {
        "seconds": in_seconds(stage.waits),
        "total_seconds": round(stage.total, 2),
        "per_second": round(len(stage.waits) / stage.total, 1),
    }


def stages() -> dict[str, Stage]:
    """Each stage's time since the customer's callback was received."""
    callbacks = Callback.objects.filter(status=Callback.Status.APPLIED)
    received = dict(callbacks.values_list("customer_id", "received_at"))
    settled = callbacks.values_list("received_at", "settled_at")
    trackers = list(Provisioning.objects.values("customer_id", *_STAGES.values()))
    return {"applied": Stage.of(settled)} | {
        name: Stage.of([(received[t["customer_id"]], t[field]) for t in trackers])
        for name, field in _STAGES.items()
    }


def check(customers: int, *, mails: dict[str, int], removed: int) -> dict[str, Any]:
    """Everything exactly once for each customer, and nothing given up."""
    trackers = Provisioning.objects
    once = {
        "callbacks_applied": Callback.objects.filter(
            status=Callback.Status.APPLIED
        ).count(),
        "customers_active": Customer.objects.filter(
            kyc_status=KycStatus.VERIFIED, activity=Activity.ACTIVE
        ).count(),
        "accounts": Account.objects.count(),
        "logins": Login.objects.count(),
        "welcomes": trackers.filter(welcome_sent_at__isnull=False).count(),
        "provisioning_completed": trackers.done().count(),
        **mails,
    }
    deliveries = Delivery.objects
    return {
        "customers": customers,
        **once,
        "logins_removed_at_keycloak": removed,
        "deliveries": deliveries.count(),
        "deliveries_tried_again": deliveries.filter(attempts__gt=1).count(),
        "deliveries_open_or_given_up": deliveries.open().count(),
        "is_true": set(once.values()) == {customers} and not deliveries.open().exists(),
    }
