"""Messages to customers: what was sent and how, and those left for staff to give."""

from typing import Any, ClassVar
from uuid import UUID

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template import TemplateDoesNotExist
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from common.dialogs import Dialog, ask, require
from common.face import Label, day, label_html, moment, two_lines
from common.lists.columns import Cells
from customers.contacts.admin.forms import ReasonForm
from customers.contacts.admin.message_line import (
    CHANGE,
    CLAIMED,
    StateFilter,
    order_of,
    take_next,
    views_of,
    with_holder,
)
from customers.contacts.admin.taking_over import ask_to_take_over, take_over_url
from customers.contacts.choices import Delivery, Kind, Language
from customers.contacts.commands.taking_over import GONE
from customers.contacts.models import Contact, Message
from customers.contacts.reaching import contact_of, letter_of, settle_message
from customers.registry.claims.commands import claim, end_claim, release_claim
from customers.registry.claims.running import who_is_at
from customers.registry.search.listing import OF_CUSTOMER, AboutCustomers
from tenants.admin import VersionedAdmin

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


def language_words(message: Message) -> str:
    return str(dict(Language.choices).get(message.language, message.language))


@admin.register(Message)
class MessageAdmin(AboutCustomers, VersionedAdmin):
    """Lists show how; the page of one that waits shows what to say."""

    history_permission = "registry.view_history"
    list_display = ("message", "customer_link", "way", "state", "at_it", "made")
    export_permission = "exports.request_export"
    export_cells: ClassVar[Cells] = {
        "message": (("Message", "words"), ("Language", language_words)),
        "customer_link": OF_CUSTOMER,
        "way": (("Way", "get_channel_display"),),
        "state": (("State", "get_status_display"), ("Done", "settled_at")),
        "at_it": (("Who is at it", "holder"),),
        "made": (("Made", "made_at"),),
    }  # fmt: skip
    list_filter = (StateFilter, "channel", "language")
    list_select_related = ("customer",)
    change_list_template = "contacts/message_list.html"
    sortable_by = ()
    empty_value_display = "\N{EN DASH}"
    empty_fact = "No messages to give."
    empty_advice = (
        "They come where a customer wants a call or post, or cannot be sent to."
    )

    # --- the list --------------------------------------------------------------
    def changelist_view(
        self, request: HttpRequest, extra_context: Any = None
    ) -> HttpResponse:
        context = {
            "views": views_of(request, self.get_queryset(request).order_by()),
            "may_take": request.user.has_perm(CHANGE),
            **(extra_context or {}),
        }
        answer: HttpResponse = super().changelist_view(request, context)
        return answer

    def get_ordering(self, request: HttpRequest) -> tuple[str, str]:
        return order_of(request)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request).select_related("customer__tenant")
        found: QuerySet[Any] = with_holder(rows, request.user)
        return found

    @admin.display(description="Message")
    def message(self, row: Message) -> SafeString:
        return two_lines(row.words, f"in {language_words(row)}")

    @admin.display(description="Way")
    def way(self, row: Message) -> str:
        return row.get_channel_display()

    @admin.display(description="State")
    def state(self, row: Message) -> SafeString:
        return label_html(LABELS[Delivery(row.status)])

    @admin.display(description="Who is at it")
    def at_it(self, row: Any) -> str:
        return row.holder or ""

    @admin.display(description="Made")
    def made(self, row: Message) -> str:
        return day(row.made_at)

    # --- one message -------------------------------------------------------------
    def show(self, request: HttpRequest, row: Message) -> HttpResponse:
        is_waiting = row.status == Delivery.WAITING
        links = []
        if request.user.has_perm(self.history_permission):
            links = [{"verb": "Versions", "url": self._versions_url(row)}]
        return self.record(
            request, row,
            template="contacts/message.html",
            facts=self._facts(row),
            letter=_letter(row) if is_waiting else None,
            links=links,
            deeds=self._deeds(request, row) if is_waiting else [],
            bar=self._bar(request, row) if is_waiting else None,
        )  # fmt: skip

    def _bar(self, request: HttpRequest, row: Message) -> dict[str, Any]:
        """Who is at it, and the buttons about that for who may give it."""
        may = request.user.has_perm(CHANGE)
        urls = {
            f"{verb}_url": reverse(f"admin:contacts_message_{verb}", args=[row.pk])
            for verb in ("take", "release")
        }
        held = who_is_at(CLAIMED, row.pk, request.user)  # type: ignore[arg-type]
        urls["take_over_url"] = take_over_url(row, held)
        return {"held": held, "may": may, **urls}

    def _facts(self, message: Message) -> list[tuple[str, Any]]:
        facts: list[tuple[str, Any]] = [
            ("Customer", self.customer_link(message)),
            ("State", self.state(message)),
            ("Way", self.way(message)),
            ("Language", language_words(message)),
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
        guarded = self.admin_site.admin_view
        own += [
            path(
                f"<uuid:message_id>/{verb}/",
                guarded(require_POST(self.claims)),
                {"is_taken": verb == "take"},
                name=f"contacts_message_{verb}",
            )
            for verb in ("take", "release")
        ]
        onward, over = guarded(require_POST(self.take_next)), guarded(self.take_over)
        own += [
            path("take-next/", onward, name="contacts_message_take_next"),
            path(
                "<uuid:message_id>/take-over/", over, name="contacts_message_take_over"
            ),
        ]
        return [*own, *super().get_urls()]

    def take_next(self, request: HttpRequest) -> HttpResponse:
        """Open what was taken; the list again when nothing is left."""
        require(request, CHANGE)
        found = take_next(request.user)  # type: ignore[arg-type]
        if found is None:
            messages.warning(request, "No message is left that nobody is at.")
            return redirect("admin:contacts_message_changelist")
        return redirect("admin:contacts_message_change", found.pk)

    def claims(
        self, request: HttpRequest, message_id: UUID, *, is_taken: bool
    ) -> HttpResponse:
        """Take it, unless a colleague is at it, or leave it to others."""
        require(request, CHANGE)
        message, user = self.get_object_or_404(request, str(message_id)), request.user
        if not is_taken:
            release_claim(CLAIMED, message.pk, by=user)  # type: ignore[arg-type]
            return redirect("admin:contacts_message_changelist")
        if message.status != Delivery.WAITING:
            messages.warning(request, GONE)
        else:
            held = claim(CLAIMED, message.pk, by=user)  # type: ignore[arg-type]
            if held.by_id != user.pk:
                messages.warning(request, f"{held.by} is at this message already.")
        return redirect("admin:contacts_message_change", message.pk)

    def take_over(self, request: HttpRequest, message_id: UUID) -> HttpResponse:
        require(request, CHANGE)
        message = self.get_object_or_404(request, str(message_id))
        return ask_to_take_over(request, message)

    def settle(
        self, request: HttpRequest, message_id: UUID, *, is_given: bool
    ) -> HttpResponse:
        """Ask how it went."""
        require(request, CHANGE)
        message = self.get_object_or_404(request, str(message_id))

        def act(form: Any) -> str:
            reason, by = form.cleaned_data["reason"], request.user
            settle_message(message.pk, is_given=is_given, reason=reason, by=by)  # type: ignore[arg-type]
            end_claim(CLAIMED, message.pk, by=by)  # type: ignore[arg-type]
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
