"""A dialog that a colleague overtook: theirs is shown, what was typed stays."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from common.errors import StaleVersionError
from customers.contacts.commands.overtaken import version_of

LONGEST = 80  # characters of a value that a sentence repeats


@contextmanager
def catching_up(form: Any, row: Any) -> Iterator[None]:
    """Bring the form to the present version when the command says it is stale.

    Fields the user left alone take the new value; where both changed one, theirs
    stays and the new value is said beside it. The refusal goes through.
    """
    try:
        yield
    except StaleVersionError:
        if row is not None:
            _catch_up(form, row)
        raise


def _catch_up(form: Any, row: Any) -> None:
    present = type(row).objects.get(pk=row.pk)
    read = row.history.filter(history_id=form.cleaned_data["version"]).first()
    typed = form.data.copy()
    for name in form.fields.keys() & {field.name for field in row._meta.fields}:  # noqa: SLF001 - Django's way to it
        mine, now = _said(form.cleaned_data, name), str(getattr(present, name))
        was = str(getattr(read, name)) if read else None
        if now in (mine, was):
            continue
        if mine == was:
            typed[name] = now
        else:
            says = f"Now on file: “{now[:LONGEST]}”." if now else "Now empty on file."
            form.add_error(name, says)
    typed["version"] = str(version_of(present))
    form.data = typed


def _said(cleaned: dict[str, Any], name: str) -> str:
    return "\n".join(str(cleaned[name]).splitlines())
