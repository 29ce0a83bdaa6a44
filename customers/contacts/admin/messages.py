"""Messages to customers: what was sent and how, and those left for staff to give."""

from typing import Any, ClassVar
from uuid import UUID

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Min, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.template import TemplateDoesNotExist
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from common import worklist
from common.admin import COUNT_NO_FURTHER
from common.dialogs import Dialog, ask, require
from common.face import Label, day, label_html, moment, two_lines
from common.worklist import QueueCount
from customers.contacts.admin.forms import ReasonForm
from customers.contacts.choices import Delivery, Kind, Language
from customers.contacts.models import Contact, Message
from customers.contacts.reaching import contact_of, letter_of, settle_message
from customers.registry.search.listing import about_found
from tenants.admin import VersionedAdmin
from tenants.models import User

CHANGE = "contacts.change_contact"
LABELS = {
    Delivery.SENT: Label("Sent", "good"),
    Delivery.WAITING: Label("To be given", "wait"),
    Delivery.GIVEN: Label("Given by staff", "good"),
    Delivery.NOT_SENT: Label("Not sent", "ended"),
}
# How each way ends well and how it does not, as staff say it.
VERBS = {
    True: ("Mark as given", "Call or write first; then say how it went."),
    False: ("Could not be given", "It leaves the list; say what stood in the way."),
}


@worklist.queue("Messages to give", permission=CHANGE, order=55, desk="messages")
def messages_to_give(user: User) -> QueueCount:
    """Calls and letters for customers whom no machine may or can reach."""
    rows = Message.objects.for_user(user).waiting()
    url = reverse("admin:contacts_message_changelist")
    oldest_at = rows.aggregate(oldest_at=Min("made_at"))["oldest_at"]
    return QueueCount(count=rows.count(), url=url, oldest_at=oldest_at)


class StateFilter(admin.SimpleListFilter):
    """Those to be given unless told; the saved views are these three."""

    title = "state"
    parameter_name = "state"
    STATES: ClassVar = (("waiting", "To be given"), ("settled", "Done"), ("all", "All"))

    def lookups(self, *_: Any) -> list[tuple[str, str]]:
        return list(self.STATES[1:])

    def queryset(self, _request: HttpRequest, rows: Any) -> Any:
        return in_state(rows, self.value() or "waiting")


def in_state(rows: Any, state: str) -> Any:
    match state:
        case "waiting":
            return rows.waiting()
        case "settled":
            return rows.exclude(status=Delivery.WAITING)
    return rows


@admin.register(Message)
class MessageAdmin(VersionedAdmin):
    """Lists show how; the page of one that waits shows what to say."""

    history_permission = "registry.view_history"
    list_display = ("message", "about_customer", "way", "state", "made")
    list_filter = (StateFilter, "channel", "language")
    list_select_related = ("customer",)
    ordering = ("-made_at", "-id")
    sortable_by = ()
    search_fields = ("customer",)  # found_by decides
    search_help_text = "Customer: name, number, e-mail or phone"
    empty_value_display = "\N{EN DASH}"
    empty_fact = "No messages to give."
    empty_advice = (
        "They come where a customer wants a call or post, or cannot be sent to."
    )

    # --- the list --------------------------------------------------------------
    def changelist_view(
        self, request: HttpRequest, extra_context: Any = None
    ) -> HttpResponse:
        answer: HttpResponse = super().changelist_view(
            request, {"views": self._views(request), **(extra_context or {})}
        )
        return answer

    def _views(self, request: HttpRequest) -> list[dict[str, Any]]:
        waiting = in_state(self.get_queryset(request).order_by(), "waiting")
        here = request.GET.get("state", "waiting")
        return [
            {
                "name": name,
                "url": "?" if state == "waiting" else f"?state={state}",
                "count": waiting[:COUNT_NO_FURTHER].count()
                if state == "waiting"
                else None,
                "is_active": state == here,
            }
            for state, name in StateFilter.STATES
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("customer__tenant")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        return about_found(queryset, search_term, request.user), False

    @admin.display(description="Message")
    def message(self, row: Message) -> SafeString:
        language = dict(Language.choices).get(row.language, row.language)
        return two_lines(row.words, f"in {language}")

    @admin.display(description="Customer")
    def about_customer(self, row: Message) -> SafeString:
        url = reverse("admin:registry_customer_change", args=[row.customer_id])
        return format_html('<a class="v-a" href="{}">{}</a>', url, row.customer)

    @admin.display(description="Way")
    def way(self, row: Message) -> str:
        return row.get_channel_display()

    @admin.display(description="State")
    def state(self, row: Message) -> SafeString:
        return label_html(LABELS[Delivery(row.status)])

    @admin.display(description="Made")
    def made(self, row: Message) -> str:
        return day(row.made_at)

    # --- one message -------------------------------------------------------------
    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:  # fmt: skip
        del form_url, extra_context
        if not self.has_view_permission(request):
            raise PermissionDenied
        message = self.get_object_or_404(request, object_id)
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        is_waiting = message.status == Delivery.WAITING
        links = []
        if request.user.has_perm(self.history_permission):
            links = [{"verb": "Versions", "url": self._versions_url(message)}]
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": message,
            "title": str(message),
            "facts": self._facts(message),
            "letter": _letter(message) if is_waiting else None,
            "links": links,
            "deeds": self._deeds(request, message) if is_waiting else [],
        }
        return TemplateResponse(request, "contacts/message.html", context)

    def _facts(self, message: Message) -> list[tuple[str, Any]]:
        language = dict(Language.choices).get(message.language, message.language)
        facts: list[tuple[str, Any]] = [
            ("Customer", self.about_customer(message)),
            ("State", self.state(message)),
            ("Way", self.way(message)),
            ("Language", language),
            ("Made", moment(message.made_at)),
        ]
        if message.status == Delivery.WAITING:
            facts.insert(3, ("To", _place(contact_of(message))))
        elif message.settled_at:
            facts.append(("Done", moment(message.settled_at)))
        return facts

    def _deeds(self, request: HttpRequest, message: Message) -> list[dict[str, Any]]:
        if not request.user.has_perm(CHANGE):
            return []
        return [
            {
                "verb": VERBS[is_given][0],
                "url": reverse(f"admin:contacts_message_{name}", args=[message.pk]),
                "is_dialog": True,
            }
            for name, is_given in (("given", True), ("failed", False))
        ]

    def get_urls(self) -> list[URLPattern]:
        own = [
            path(
                f"<uuid:message_id>/{name}/",
                self.admin_site.admin_view(self.settle),
                {"is_given": is_given},
                name=f"contacts_message_{name}",
            )
            for name, is_given in (("given", True), ("failed", False))
        ]
        return [*own, *super().get_urls()]

    def settle(
        self, request: HttpRequest, message_id: UUID, *, is_given: bool
    ) -> HttpResponse:
        """Ask how it went."""
        require(request, CHANGE)
        message = self.get_object_or_404(request, str(message_id))

        def act(form: Any) -> str:
            reason, by = form.cleaned_data["reason"], request.user
            settle_message(message.pk, is_given=is_given, reason=reason, by=by)  # type: ignore[arg-type]
            return reverse("admin:contacts_message_changelist")

        verb, description = VERBS[is_given]
        dialog = Dialog(
            title=verb, description=description, submit=verb, form_class=ReasonForm
        )
        done = "The message is off the list."
        return ask(request, dialog, object_id=message.pk, act=act, done=done)


def _place(contact: Contact | None) -> str:
    if contact is None:
        return "Nothing on file; add it on the customer’s page."
    if contact.kind == Kind.ADDRESS or contact.verified_at:
        return contact.shown
    return f"{contact.shown}, not verified: make sure whom you speak to"


def _letter(message: Message) -> Any:
    try:
        return letter_of(message)
    except TemplateDoesNotExist:  # of an earlier release
        return None
