"""The form that changes one entry; nobody's typing is lost, nobody's change undone."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest

from common.errors import DomainError, StaleVersionError
from common.face import ago
from customers.registry.dictionaries.entries import change_entry, version_of
from customers.registry.dictionaries.forms import ChangeEntryForm
from customers.registry.models import DictionaryEntry

PAGE = "registry/dictionary/edit.html"
_ASKED = ("label", "order", "is_active")


@dataclass(frozen=True)
class Meanwhile:
    """Who saved while somebody typed, and what now stands there otherwise."""

    who: str
    when: str
    why: str
    differing: list[str]


@dataclass(frozen=True)
class Asked:
    form: ChangeEntryForm
    is_done: bool = False
    meanwhile: Meanwhile | None = None


def ask(request: HttpRequest, entry: DictionaryEntry) -> Asked:
    """Show the present values, or save; a stale form says who was faster."""
    if request.method != "POST":
        return Asked(ChangeEntryForm(initial=_values(entry)))
    form = ChangeEntryForm(request.POST)
    if not form.is_valid():
        return Asked(form)
    try:
        changed = change_entry(entry.pk, by=request.user, **form.cleaned_data)  # type: ignore[arg-type]
    except StaleVersionError:
        return _caught_up(request, form, entry)
    except DomainError as error:
        refuse(form, error)
        return Asked(form)
    messages.success(request, "Saved." if changed else "Nothing was different.")
    return Asked(form, is_done=True)


def refuse(form: Any, error: DomainError) -> None:
    form.add_error(error.field if error.field in form.fields else None, error.message)


def _values(entry: DictionaryEntry) -> dict[str, Any]:
    asked = {name: getattr(entry, name) for name in _ASKED}
    return {**asked, "version": version_of(entry)}


def _caught_up(
    request: HttpRequest, stale: ChangeEntryForm, entry: DictionaryEntry
) -> Asked:
    """Keep what was typed on the present version, and say what differs from it.

    Fields that were left alone take the new value.
    """
    entry.refresh_from_db()
    seen = stale.cleaned_data["version"]
    read = entry.history.filter(history_id=seen).first()
    present, typed = _values(entry), request.POST.copy()
    typed["version"] = str(present["version"])
    differing = []
    for name in _ASKED:
        mine, now = stale.cleaned_data[name], present[name]
        if mine == now:
            continue
        if read and mine == getattr(read, name):
            _put(typed, name, now)
        else:
            differing.append(f"{stale[name].label}: now “{_word(now)}”")
    last = entry.history.select_related("history_user").first()
    meanwhile = Meanwhile(
        who=str(last.history_user),
        when=ago(last.history_date),
        why=last.history_change_reason or "",
        differing=differing,
    )
    return Asked(ChangeEntryForm(typed), meanwhile=meanwhile)


def _put(typed: Any, name: str, value: Any) -> None:
    """As a browser sends it: an empty box is left out."""
    if value is False:
        typed.pop(name, None)
    else:
        typed[name] = "on" if value is True else str(value)


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
