"""Find whose activity is not what the day demands; reads, and locks where asked."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.db.models.lookups import GreaterThanOrEqual

from customers.registry.choices import Activity, KycStatus, TaskKind
from customers.registry.choices import Status as CustomerStatus
from customers.registry.commands.tasks_in_bulk import DORMANT
from customers.registry.models import Customer, Task
from deposits.activity.report import MOST_EXAMPLES, Report
from deposits.activity.rule import Rule
from deposits.models import Account

# The reason of a review: by the present policy they would not be suspended.
NOT_DORMANT = "not_dormant_under_the_present_policy"


class Found(NamedTuple):
    """A customer who is not what the day demands."""

    id: UUID
    public_id: str
    activity: str
    demanded: str
    last_at: datetime


def _last_at(of: str = "") -> Coalesce:
    """Verification counts as activity, also where nobody wrote it down as such."""
    return Coalesce(F(f"{of}last_activity_at"), F(f"{of}verified_at"))


def _demanded(rule: Rule, of: str = "") -> Case:
    """`Rule.activity_at`, for the database to compute."""
    return Case(
        When(
            GreaterThanOrEqual(_last_at(of), rule.active_since),
            then=Value(Activity.ACTIVE.value),
        ),
        When(
            GreaterThanOrEqual(_last_at(of), rule.inactive_since),
            then=Value(Activity.INACTIVE.value),
        ),
        default=Value(Activity.SUSPENDED.value),
        output_field=TextField(),
    )


def changing(rule: Rule, tenant_id: UUID) -> QuerySet[Any]:
    """Verified customers of the institution, still with us, whose activity changes.

    Who is suspended for dormancy stays so, whatever the rule: compliance decides.
    """
    return _apart(rule, tenant_id).exclude(activity=Activity.SUSPENDED)


def concerned(rule: Rule, tenant_id: UUID) -> QuerySet[Any]:
    """Those of `changing`, and who is dormant no longer and nobody was told of it."""
    rows = _apart(rule, tenant_id)
    return rows.filter(~Q(activity=Activity.SUSPENDED) | ~Exists(_told()))


def _apart(rule: Rule, tenant_id: UUID) -> QuerySet[Any]:
    """Whose activity is not what the rule demands."""
    rows: QuerySet[Any] = Customer.objects.for_tenant(tenant_id).living()
    rows = rows.filter(kyc_status=KycStatus.VERIFIED)
    rows = rows.annotate(last_at=_last_at(), demanded=_demanded(rule))
    return rows.exclude(activity=F("demanded"))


def _told() -> QuerySet[Any]:
    """A customer’s task on no longer being dormant, of this very suspension."""
    reviews = Task.objects.filter(kind=TaskKind.DORMANCY_REVIEW)
    since = reviews.filter(
        customer=OuterRef("customer"),
        reason=DORMANT,
        opened_at__gt=OuterRef("opened_at"),
    )
    told: QuerySet[Any] = reviews.filter(customer=OuterRef("pk"), reason=NOT_DORMANT)
    return told.exclude(Exists(since))


def found(rows: QuerySet[Any]) -> Iterator[Found]:
    """Read rows of `changing`, in the order they come in."""
    columns = ("pk", "public_id", "activity", "demanded", "last_at")
    return (Found(*row) for row in rows.values_list(*columns))


def example_of(row: Found, rule: Rule) -> dict[str, str]:
    """No name: whoever reads the report need not be one who may see customers."""
    last_on = rule.day_of(row.last_at).isoformat()
    return {
        "customer": row.public_id,
        "from": row.activity,
        "to": row.demanded,
        "last_on": last_on,
    }


def foresee(rule: Rule, tenant_id: UUID) -> Report:
    """What a sweep would do now; writes nothing and locks nothing."""
    rows = changing(rule, tenant_id)
    counted = rows.order_by().values_list("activity", "demanded").annotate(Count("pk"))
    return Report(
        changes=Counter({f"{old} {new}": count for old, new, count in counted}),
        accounts_changed=_accounts_that_follow(rule, rows).count(),
        examples=[
            example_of(row, rule) for row in found(rows.order_by("pk")[:MOST_EXAMPLES])
        ],
    )


def _accounts_that_follow(rule: Rule, customers: QuerySet[Any]) -> QuerySet[Any]:
    """`demanded_status`, for the database to compute."""
    is_held = ~Q(customer__status=CustomerStatus.ACTIVE)
    demanded = Case(
        When(is_held, then=Value(Account.Status.SUSPENDED.value)),
        default=_demanded(rule, "customer__"),
        output_field=TextField(),
    )
    accounts: QuerySet[Any] = Account.objects.following()
    accounts = accounts.filter(customer__in=customers.order_by().values("pk"))
    accounts = accounts.annotate(demanded=demanded)
    return accounts.exclude(status=F("demanded"))
