"""Which columns of a list somebody sees: in the address, remembered by session."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlencode

from django.contrib.admin.options import IS_POPUP_VAR
from django.contrib.admin.utils import label_for_field
from django.contrib.admin.views.main import ORDER_VAR
from django.http import HttpRequest, QueryDict
from unfold.views import ChangeList

COLUMNS_VAR = "columns"  # the choice: `columns=customer,email`
# Only in the form: that somebody chose, and what the order's numbers counted.
CHOSEN_VAR, COUNTED_VAR = "chosen", "counted"
SESSION_KEY = "columns"
MOST_COLUMNS = 8  # what a screen shows; files take all
# The way from a row to a value, `customer.public_id`, or else what works it out.
Way = str | Callable[[Any], Any]
Cell = tuple[str, Way]  # a heading of a file, and what stands below it
Cells = Mapping[str, tuple[Cell, ...]]
Row = TypeVar("Row")


class HouseList(ChangeList):  # type: ignore[misc]
    """A list that knows `columns` for no filter, and reads for many rows at once."""

    in_file: Sequence[str] = ()  # the columns of a file; a page has `list_display`

    def wants(self, column: str) -> bool:
        """Tell `complete` whether anybody will see it."""
        return column in (self.in_file or self.list_display)

    def get_filters_params(self, params: Any = None) -> dict[str, Any]:
        found: dict[str, Any] = super().get_filters_params(params)
        return {name: found[name] for name in found if name != COLUMNS_VAR}

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        rows = list(self.result_list)  # type: ignore[has-type]
        self.complete(rows)
        self.result_list = rows

    def complete(self, rows: list[Any]) -> None:
        """Give rows what their columns need besides; pages and files ask for it."""


@dataclass(frozen=True)
class Choice:
    """`offered` begins with the column that always stays."""

    offered: tuple[str, ...]
    usual: tuple[str, ...]
    shown: tuple[str, ...]
    left_out: tuple[str, ...] = ()


def choice(
    asked: str | None, *, usual: Sequence[str], offered: Sequence[str]
) -> Choice:
    """Read a choice; names nobody knows, or may not know, are ignored."""
    ours = (tuple(offered), tuple(usual))
    wanted = [name for name in unique((asked or "").split(",")) if name in offered]
    if not wanted:
        return Choice(*ours, shown=tuple(usual))
    first = offered[0]
    all_ = (first, *(name for name in wanted if name != first))
    return Choice(*ours, shown=all_[:MOST_COLUMNS], left_out=all_[MOST_COLUMNS:])


def unique(names: Sequence[Row]) -> list[Row]:
    return list(dict.fromkeys(names))


def choice_of(model_admin: Any, request: HttpRequest) -> Choice:
    """What this person sees at this address."""
    return choice(
        request.GET.get(COLUMNS_VAR),
        usual=model_admin.usual_columns(request),
        offered=model_admin.offered_columns(request),
    )


# --- the address ------------------------------------------------------------------
def address_of(model_admin: Any, request: HttpRequest) -> str:
    """Where the choice stands in the address; "" when it stands there already."""
    if request.method != "GET" or IS_POPUP_VAR in request.GET:
        return ""
    key = model_admin.opts.label_lower
    remembered = request.session.get(SESSION_KEY, {})
    given = request.GET
    if CHOSEN_VAR in given:
        names = ",".join(given.getlist(COLUMNS_VAR))
        wanted = _remember(model_admin, request, names)
        return _with(model_admin, request, wanted)
    if COLUMNS_VAR not in given and (wanted := remembered.get(key, "")):
        return _with(model_admin, request, wanted)
    return ""


def _remember(model_admin: Any, request: HttpRequest, names: str) -> str:
    """Keep the choice with the session; the usual one is kept by keeping none."""
    usual = model_admin.usual_columns(request)
    offered = model_admin.offered_columns(request)
    picked = choice(names, usual=usual, offered=offered)
    key = model_admin.opts.label_lower
    wanted = (*picked.shown, *picked.left_out)
    said = "" if wanted == tuple(usual) else ",".join(wanted)
    kept = dict(request.session.get(SESSION_KEY, {}))
    request.session[SESSION_KEY] = {**kept, key: said}
    return said


def _with(model_admin: Any, request: HttpRequest, wanted: str) -> str:
    params = request.GET.copy()
    counted = params.get(COUNTED_VAR)
    usual = model_admin.usual_columns(request)
    offered = model_admin.offered_columns(request)
    before = choice(counted, usual=usual, offered=offered).shown
    after = choice(wanted, usual=usual, offered=offered).shown
    _follow(params, before, after)
    for name in (CHOSEN_VAR, COUNTED_VAR, COLUMNS_VAR):
        params.pop(name, None)
    kept = [(name, value) for name, values in params.lists() for value in values]
    if wanted:
        kept.append((COLUMNS_VAR, wanted))
    # A list without any parameter is an address as well.
    return f"{request.path}?{urlencode(kept, safe=',')}"


def _follow(params: QueryDict, before: Sequence[str], after: Sequence[str]) -> None:
    """Django counts columns in `o`; let each number mean the same column again."""
    if not (order := params.get(ORDER_VAR)):
        return
    numbers = []
    for part in order.split("."):
        digits = part.removeprefix("-")
        known = digits.isascii() and digits.isdigit() and int(digits) < len(before)
        if known and before[int(digits)] in after:
            place = after.index(before[int(digits)])
            numbers.append(f"{'-' if part.startswith('-') else ''}{place}")
    params.pop(ORDER_VAR)
    if numbers:
        params[ORDER_VAR] = ".".join(numbers)


# --- the panel --------------------------------------------------------------------
@dataclass(frozen=True)
class Panel:
    """The form behind the button *Columns*; `first` always stays."""

    first: str
    boxes: list[tuple[str, str, bool]]  # name, caption, ticked
    hidden: list[tuple[str, str]]
    usual_url: str  # "" where the usual ones are shown
    refusal: str


def panel_of(model_admin: Any, request: HttpRequest) -> Panel | None:
    """The panel of this list; None where there is nothing to choose."""
    picked = choice_of(model_admin, request)
    if len(picked.offered) < 2:
        return None
    captions = {name: caption_of(model_admin, name) for name in picked.offered}
    first, *others = picked.offered
    ticked = (*picked.shown, *picked.left_out)
    ours = (COLUMNS_VAR, CHOSEN_VAR, COUNTED_VAR, "p")
    kept = [
        (name, value) for name, values in request.GET.lists() for value in values
        if name not in ours
    ]  # fmt: skip
    counted = (COUNTED_VAR, ",".join(picked.shown))
    chosen = (CHOSEN_VAR, "1")
    is_usual = ticked == picked.usual
    return Panel(
        first=captions[first],
        boxes=[(name, captions[name], name in ticked) for name in others],
        hidden=[*kept, (COLUMNS_VAR, first), chosen, counted],
        usual_url="" if is_usual else "?" + urlencode([*kept, chosen, counted]),
        refusal=_refusal([captions[name] for name in picked.left_out]),
    )


def caption_of(model_admin: Any, name: str) -> str:
    label = str(label_for_field(name, model_admin.model, model_admin))
    return label[:1].upper() + label[1:]


def _refusal(left_out: list[str]) -> str:
    if not left_out:
        return ""
    *most, last = left_out
    named = f"{', '.join(most)} and {last} are" if most else f"{last} is"
    return f"A list shows at most {MOST_COLUMNS} columns, so {named} left out."
