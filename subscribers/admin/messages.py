"""Messages: what each subscriber was or is to be sent, and sending one again."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import QuerySet, Value
from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from common.admin import HouseAdmin
from common.dialogs import Dialog, ask, require
from common.face import NOTHING, label_html, moment, two_lines, until
from subscribers.admin.deeds import MANAGE
from subscribers.admin.forms import ReasonDialog
from subscribers.admin.standing import attempts_panel, event_title, message_label
from subscribers.models import Message, Subscriber
from subscribers.services import send_again

SEE_RESTRICTED, SEE_CUSTOMERS = "registry.view_task", "registry.view_customer"
AGAIN = Dialog(
    "Send this message again?", "Send again",
    "It goes out once more at once, under the same webhook-id.", ReasonDialog,
)  # fmt: skip


class OwnSubscriberFilter(admin.SimpleListFilter):
    """Those of the institution alone."""

    title = "subscriber"
    parameter_name = "subscriber__id__exact"

    def lookups(self, request: HttpRequest, _: Any) -> list[tuple[str, str]]:
        rows = Subscriber.objects.for_user(request.user).order_by("name")
        return [(str(row.pk), row.name) for row in rows]

    def queryset(self, _request: HttpRequest, rows: Any) -> Any:
        try:
            key = UUID(self.value() or "")
        except ValueError:
            return rows
        return rows.filter(subscriber_id=key)


@admin.register(Message)
class MessageAdmin(HouseAdmin):
    has_versions = False  # messages are their own history
    list_display = ("what", "to", "state", "tries", "next_try", "error", "customer")
    list_filter = (OwnSubscriberFilter, "status")
    list_select_related = ("event", "subscriber")
    ordering = ("-id",)
    sortable_by = ()
    empty_value_display = "\N{EN DASH}"
    empty_fact = "No messages."
    empty_advice = "They appear here once a subscriber is added and something happens."

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request).select_related("event", "subscriber")
        user = request.user
        found: QuerySet[Any] = rows.annotate(
            may_read=Value(user.has_perm(SEE_RESTRICTED)),
            may_see_customer=Value(user.has_perm(SEE_CUSTOMERS)),
        )
        return found

    @admin.display(description="Event")
    def what(self, row: Any) -> SafeString:
        title = event_title(row.event, may_read=row.may_read)
        return two_lines(title, moment(row.created_at))

    @admin.display(description="To")
    def to(self, row: Message) -> str:
        return row.subscriber.name

    @admin.display(description="State")
    def state(self, row: Message) -> SafeString:
        return label_html(message_label(row))

    @admin.display(description="Tries")
    def tries(self, row: Message) -> int:
        return row.attempts_made

    @admin.display(description="Next try")
    def next_try(self, row: Message) -> str | None:
        if row.status != Message.Status.DUE:
            return None
        return until(row.due_at) if row.due_at > timezone.now() else "now"

    @admin.display(description="Last error")
    def error(self, row: Message) -> str | None:
        return row.last_error or None

    @admin.display(description="About")
    def customer(self, row: Any) -> SafeString:
        if not row.customer_key or not row.may_see_customer or _is_hidden(row):
            return NOTHING
        try:
            url = reverse("admin:registry_customer_change", args=[row.customer_key])
        except NoReverseMatch:
            return NOTHING
        return format_html('<a class="v-a v-id" href="{}">Customer</a>', url)

    # --- one message ---------------------------------------------------------------
    def get_urls(self) -> list[URLPattern]:
        again = path(
            "<uuid:message_id>/again/",
            self.admin_site.admin_view(self.again),
            name="subscribers_message_again",
        )
        return [again, *super().get_urls()]

    def show(self, request: HttpRequest, row: Any) -> HttpResponse:
        title = event_title(row.event, may_read=row.may_read)
        again = {"verb": "Send again", "url": _again_url(row), "is_dialog": True}
        tries = row.attempts.order_by("-id")
        return self.record(
            request, row, title=f"{title} to {row.subscriber}",
            facts=self._facts(row),
            deeds=[again] if request.user.has_perm(MANAGE) else [],
            panels=[attempts_panel(tries, may_read=row.may_read, with_event=False)],
        )  # fmt: skip

    def _facts(self, row: Any) -> list[tuple[str, Any]]:
        return [
            ("Event", event_title(row.event, may_read=row.may_read)),
            ("To", row.subscriber.name),
            ("About", self.customer(row)),
            ("State", label_html(message_label(row))),
            ("Tries", row.attempts_made),
            ("Next try", self.next_try(row)),
            ("Last error", row.last_error),
            ("webhook-id", row.webhook_id),
            ("Made", moment(row.created_at)),
            ("Taken", moment(row.done_at) if row.done_at else ""),
        ]

    def again(self, request: HttpRequest, message_id: UUID) -> HttpResponse:
        require(request, MANAGE)
        row = self.get_object_or_404(request, str(message_id))
        by: Any = request.user

        def act(form: Any) -> str:
            send_again(row.pk, by=by, reason=form.cleaned_data["reason"])
            return reverse("admin:subscribers_message_change", args=[row.pk])

        return ask(request, AGAIN, object_id=row.pk, act=act, done="It is on its way.")


def _is_hidden(row: Any) -> bool:
    """Whoever may not read of it may not learn either whom it is about."""
    return row.event is not None and row.event.is_restricted and not row.may_read


def _again_url(row: Message) -> str:
    return reverse("admin:subscribers_message_again", args=[row.pk])
