"""What staff do with tasks: take, give back, hand over, close, one or several."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.urls import reverse

from common.dialogs import Dialog, ask, require
from common.errors import DomainError
from common.face import Label
from customers.registry.admin.task_forms import HandOverForm, OutcomeForm
from customers.registry.admin.task_lists import KIND, kind_in
from customers.registry.models import Task
from customers.registry.tasks_of_staff import (
    HANDLES,
    answer_task,
    closed_words,
    hand_over_task,
    release_task,
    take_next_task,
    take_task,
)
from tenants.models import User

LIST = "admin:registry_task_changelist"
ONWARD = "next"  # in the address of *Close*: then take the next
MOST_AT_ONCE = 100


@dataclass(frozen=True)
class Result:
    """What became of one of several tasks."""

    task: Task
    label: Label
    url: str


def about(task: Task) -> str:
    return f"{task}, {task.customer.name}"


def page_of(task: Task, asked: QueryDict) -> str:
    """The task's page; the kind one works on stays in the address."""
    place = reverse("admin:registry_task_change", args=[task.pk])
    kind = kind_in(asked)
    return f"{place}?{urlencode({KIND: kind.value})}" if kind else place


def take(request: HttpRequest, task: Task) -> HttpResponse:
    try:
        is_new = take_task(task.pk, by=request.user)  # type: ignore[arg-type]
    except DomainError as error:
        messages.warning(request, error.message)
    else:
        if is_new:
            messages.success(request, f"You took: {about(task)}.")
    return HttpResponseRedirect(page_of(task, request.POST))


def take_next(request: HttpRequest) -> HttpResponse:
    """Open what was taken; the list again when nothing is left."""
    return HttpResponseRedirect(_onward(request, request.POST))


def _onward(request: HttpRequest, asked: QueryDict) -> str:
    kind = kind_in(asked)
    task = take_next_task(by=request.user, kind=kind)  # type: ignore[arg-type]
    if task is not None:
        messages.success(request, f"You took: {about(task)}.")
        return page_of(task, asked)
    messages.warning(request, _nothing_left(request.user, kind))
    # Only a query comes from the form, so nobody is led elsewhere.
    place = QueryDict(asked.get("at", "")[:1000]).urlencode()
    return f"{reverse(LIST)}?{place}" if place else reverse(LIST)


def _nothing_left(user: Any, kind: Any) -> str:
    rows = Task.objects.for_user(user).unassigned()
    left = (rows.filter(kind=kind) if kind else rows).count()
    of_kind = f" of “{kind.label}”" if kind else ""
    if not left:
        return f"Nothing is left to take: no open task{of_kind} is unassigned."
    tasks = "task is" if left == 1 else "tasks are"
    return (
        f"Nothing is left for you: {left} open {tasks} unassigned{of_kind}, asked for"
        " by you or about what you did, so a colleague takes them."
    )


def release(request: HttpRequest, task: Task) -> HttpResponse:
    def act(_form: Any) -> str:
        release_task(task.pk, by=request.user)  # type: ignore[arg-type]
        return reverse(LIST)

    dialog = Dialog(
        title=f"Release: {str(task).lower()}",
        description=f"The task about {task.customer.name} goes back to all colleagues.",
        submit="Release",
    )
    done = f"Released: {about(task)}."
    return ask(request, dialog, object_id=task.pk, act=act, done=done)


def hand_over(request: HttpRequest, task: Task) -> HttpResponse:
    def act(form: Any) -> str:
        to, reason = form.cleaned_data["to"], form.cleaned_data["reason"]
        user: User = request.user  # type: ignore[assignment]
        if hand_over_task(task.pk, to=to, by=user, reason=reason):
            messages.success(request, f"Handed over to {to}: {about(task)}.")
        else:
            messages.warning(request, f"{to} has this task already: {about(task)}.")
        return page_of(task, request.GET)

    holder = task.holder
    has_it = f"{holder} has it now." if holder else "Nobody has it now."
    dialog = Dialog(
        title=f"Hand over: {str(task).lower()}",
        description=f"The task about {task.customer.name} moves. {has_it}",
        submit="Hand over",
        form_class=HandOverForm,
    )
    return ask(request, dialog, object_id=task.pk, act=act)


def close(request: HttpRequest, task: Task) -> HttpResponse:
    """Ask what came of it; then the list, or the next one."""
    is_onward = ONWARD in request.GET

    def act(form: Any) -> str:
        outcome = form.cleaned_data["outcome"]
        user: User = request.user  # type: ignore[assignment]
        if answer_task(task.pk, outcome=outcome, by=user):
            messages.success(request, f"Closed: {about(task)}.")
        else:
            late = f"{closed_words(task)}, so your answer changed nothing"
            messages.warning(request, f"{late}: {about(task)}.")
        return _onward(request, request.GET) if is_onward else reverse(LIST)

    dialog = Dialog(
        title=f"Close: {str(task).lower()}",
        description=f"The task about {task.customer.name} leaves the list."
        " The customer stays as they are.",
        submit="Close and take next" if is_onward else "Close task",
        form_class=OutcomeForm,
    )
    return ask(request, dialog, object_id=task.pk, act=act)


def take_chosen(admin: Any, request: HttpRequest, tasks: Any) -> HttpResponse:
    return _each(admin, request, tasks, take_task, ("Taken", "Yours already"))


def release_chosen(admin: Any, request: HttpRequest, tasks: Any) -> HttpResponse:
    return _each(admin, request, tasks, release_task, ("Released", "Nobody had it"))


def _each(
    admin: Any, request: HttpRequest, tasks: Any, command: Any, words: tuple[str, str]
) -> HttpResponse:
    """Run the command on each row by itself, and say of each what came of it."""
    require(request, HANDLES)
    chosen = list(tasks[: MOST_AT_ONCE + 1])
    back_url = request.get_full_path()
    if len(chosen) > MOST_AT_ONCE:
        messages.error(request, f"Choose at most {MOST_AT_ONCE} tasks at once.")
        return HttpResponseRedirect(back_url)
    results = [_result(task, request.user, command, words) for task in chosen]
    done = sum(result.label.word == words[0] for result in results)
    context = {
        **admin.admin_site.each_context(request),
        "opts": admin.opts,
        "title": f"{words[0]}: {done} of {len(results)}",
        "results": results,
        "back_url": back_url,
    }
    return TemplateResponse(request, "registry/task/results.html", context)


def _result(task: Task, user: Any, command: Any, words: tuple[str, str]) -> Result:
    url = reverse("admin:registry_task_change", args=[task.pk])
    try:
        is_new = command(task.pk, by=user)
    except DomainError as error:
        return Result(task, Label(error.message, "warn"), url)
    return Result(
        task, Label(words[0], "good") if is_new else Label(words[1], "quiet"), url
    )


def deeds_of(user: Any, task: Task, asked: QueryDict) -> dict[str, Any]:
    """The one primary button, and the rest below *More*."""
    if task.status == Task.Status.DONE or not user.has_perm(HANDLES):
        return {}
    kind = kind_in(asked)
    line = {KIND: kind.value} if kind else {}

    def action(title: str, deed: str, **said: str) -> dict[str, Any]:
        url = reverse(f"admin:registry_task_{deed}", args=[task.pk])
        query = urlencode({**line, **said})
        path = f"{url}?{query}" if query else url
        return {"title": title, "path": path, "dialog": True}

    onward = action("Close and take next", "close", **{ONWARD: "1"})
    plain, over = action("Close task", "close"), action("Hand over", "hand_over")
    if task.holder is None:
        taking = {"take_url": reverse("admin:registry_task_take", args=[task.pk])}
        return {**taking, "kind": line.get(KIND, ""), "menu": _menu(plain, over)}
    if task.holder == user:
        return {
            "primary": onward,
            "menu": _menu(plain, over, action("Release", "release")),
        }
    return {"primary": over}


def _menu(*items: dict[str, Any]) -> dict[str, Any]:
    return {"title": "More", "items": list(items)}
