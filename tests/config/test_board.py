"""Board, alerts and runbook speak of figures that there are, and of each other."""

import json
import re
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import Counter, Histogram
from prometheus_client.metrics import MetricWrapperBase

from common.observing import measures
from common.observing.calls import Outcome, Provider
from config.observing.standing import LABELLED, NAMES

ROOT = Path(__file__).resolve().parents[2]
BOARD = ROOT / "ops/grafana/vestibule.json"
ALERTS = ROOT / "ops/prometheus/alerts.yml"
RUNBOOK = ROOT / "docs/runbook.md"
METRIC = re.compile(r"\bvestibule_\w+")
SELECTED = re.compile(r"(vestibule_\w+)\{([^}]*)\}")
GROUPED = re.compile(r"\bby \(([^)]*)\)")
# Prometheus' own: the target, and the bound of a bucket.
GIVEN = {"job", "le"}


def measured() -> list[MetricWrapperBase]:
    return [m for m in vars(measures).values() if isinstance(m, MetricWrapperBase)]


def known_names() -> set[str]:
    """Everything that the page can say, as it says it."""
    names = set(NAMES)
    for measure in measured():
        name = measure._name
        if isinstance(measure, Counter):
            names.add(f"{name}_total")
        if isinstance(measure, Histogram):
            names |= {f"{name}_{part}" for part in ("bucket", "count", "sum")}
    return names


def labels_of(name: str) -> set[str]:
    standing = {f"vestibule_{key}": {label} for key, (label, _) in LABELLED.items()}
    for measure in measured():
        if name.startswith(f"{measure._name}_"):
            return set(measure._labelnames)
    return standing.get(name, set())


def expressions_of_board() -> list[str]:
    panels = json.loads(BOARD.read_text(encoding="utf-8"))["panels"]
    return [target["expr"] for panel in panels for target in panel.get("targets", ())]


def alerts() -> list[dict[str, Any]]:
    groups = yaml.safe_load(ALERTS.read_text(encoding="utf-8"))["groups"]
    return list(chain.from_iterable(group["rules"] for group in groups))


def expressions() -> list[str]:
    return expressions_of_board() + [alert["expr"] for alert in alerts()]


def test_there_is_something_to_look_at() -> None:
    assert len(expressions_of_board()) > 15
    assert len(alerts()) > 10


def test_every_figure_that_is_asked_for_exists() -> None:
    asked = set(METRIC.findall(" ".join(expressions())))
    assert asked <= known_names()


def test_every_figure_that_is_counted_is_looked_at() -> None:
    asked = " ".join(expressions())
    unseen = [m._name for m in measured() if m._name not in asked]
    unseen += [name for name in NAMES if name not in asked]
    assert not unseen


@pytest.mark.parametrize("expression", expressions())
def test_labels_that_are_asked_for_exist(expression: str) -> None:
    for name, selected in SELECTED.findall(expression):
        used = set(re.findall(r"(\w+)(?:=~|!~|!=|=)\"", selected))
        assert used <= labels_of(name) | GIVEN, name
    for grouped in GROUPED.findall(expression):
        wanted = {label.strip() for label in grouped.split(",")} - GIVEN
        names = METRIC.findall(expression)
        assert all(wanted <= labels_of(name) for name in names), grouped


def test_outcomes_that_are_asked_for_can_happen() -> None:
    for expression in expressions():
        if "provider_calls" in expression:
            said = re.findall(r'outcome(?:=~|!=|=)"([^"]*)"', expression)
            assert {word for one in said for word in one.split("|")} <= set(Outcome)


def anchors() -> dict[str, str]:
    """The sections of the runbook by their address within the page."""
    text = RUNBOOK.read_text(encoding="utf-8")
    parts = re.split(r"^#{2,3} (.+)$", text, flags=re.MULTILINE)
    return {
        re.sub(r"[^\w -]", "", title).strip().lower().replace(" ", "-"): body
        for title, body in zip(parts[1::2], parts[2::2], strict=True)
    }


@pytest.mark.parametrize("alert", alerts(), ids=lambda alert: str(alert["alert"]))
def test_every_alert_says_what_to_do(alert: dict[str, Any]) -> None:
    page, _, anchor = alert["annotations"]["runbook"].partition("#")
    assert page == "docs/runbook.md"
    assert anchor == alert["alert"].lower()
    section = anchors()[anchor]
    for part in ("**Means.**", "**Look.**", "**Do.**"):
        assert part in section
    assert alert["labels"]["severity"] in {"page", "ticket"}
    assert alert["annotations"]["summary"].endswith(".")
    assert alert["for"]


def test_every_alert_is_proven_to_speak_and_to_be_quiet() -> None:
    """Promtool runs them, see tests/services/test_prometheus.py."""
    path = ALERTS.with_name("alerts.test.yml")
    cases = yaml.safe_load(path.read_text(encoding="utf-8"))["tests"]
    proven = {
        (last["alertname"], bool(last["exp_alerts"]))
        for last in (case["alert_rule_test"][-1] for case in cases)
    }
    names = {alert["alert"] for alert in alerts()}
    assert proven == {(name, speaks) for name in names for speaks in (True, False)}


def test_the_runbook_explains_no_alert_that_is_gone() -> None:
    explained = {name for name in anchors() if name.startswith("vestibule")}
    assert explained == {alert["alert"].lower() for alert in alerts()}


def test_the_runbook_names_every_provider() -> None:
    section = anchors()["vestibuleproviderfailing"]
    assert all(f"`{provider}`" in section for provider in Provider)


@pytest.mark.parametrize("path", [BOARD, ALERTS], ids=lambda path: str(path.name))
def test_nothing_is_fetched_from_elsewhere(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert "://" not in text
    assert not re.search(r'"//\w', text)


def test_the_board_is_whole() -> None:
    """Panels have numbers of their own, fit the width and lie beside each other."""
    board = json.loads(BOARD.read_text(encoding="utf-8"))
    panels = board["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        at = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(at["x"], at["x"] + at["w"])
            for y in range(at["y"], at["y"] + at["h"])
        }
        assert at["x"] + at["w"] <= 24
        assert not cells & taken, panel["title"]
        taken |= cells
        if panel["type"] != "row":
            assert panel["description"].endswith(".")
            assert panel["datasource"]["uid"] == "${source}", "whoever imports chooses"
