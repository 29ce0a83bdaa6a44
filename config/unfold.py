"""What django-unfold is told: names, colours, style sheet, sidebar, home."""

from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse

STEPS = ("50", "100", "200", "300", "400", "500", "600", "700", "800", "900", "950")

# OKLCH from light to dark. 600 carries white text (5.6:1), 500 does not.
PETROL = (
    "97.8% .012 215",
    "94.5% .025 215",
    "89% .045 215",
    "81% .07 216",
    "73% .088 218",
    "64% .095 220",
    "47% .085 222",
    "41% .075 224",
    "35% .062 225",
    "30% .05 226",
    "23% .04 228",
)
SLATE = (
    "98.5% .003 240",
    "96.6% .004 240",
    "92.4% .006 241",
    "86.8% .009 242",
    "70.5% .015 243",
    "51.5% .018 244",
    "42.5% .02 246",
    "36% .021 248",
    "28% .02 249",
    "20.5% .018 250",
    "15% .016 252",
)


def palette(tones: tuple[str, ...]) -> dict[str, str]:
    return {step: f"oklch({tone})" for step, tone in zip(STEPS, tones, strict=True)}


def style_sheet(_request: HttpRequest) -> str:
    return static("vestibule/vestibule.css")


def script(_request: HttpRequest) -> str:
    return static("vestibule/vestibule.js")


def search_style_sheet(_request: HttpRequest) -> str:
    return static("vestibule/search.css")


def search_script(_request: HttpRequest) -> str:
    return static("vestibule/search.js")


def mark(_request: HttpRequest) -> str:
    return static("vestibule/logo.svg")


def favicon(_request: HttpRequest) -> str:
    return static("vestibule/favicon.svg")


def home(_request: HttpRequest) -> str:
    return reverse("admin:index")


UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "Vestibule",
    "SITE_HEADER": "Vestibule",
    "SITE_SUBHEADER": "config.navigation.tenant_name",
    "SITE_URL": None,  # the back office has no other site to view
    "SITE_ICON": mark,
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "sizes": "any", "href": favicon}
    ],
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_BACK_BUTTON": False,
    "BORDER_RADIUS": "6px",
    "COLORS": {"primary": palette(PETROL), "base": palette(SLATE)},
    "STYLES": [style_sheet, search_style_sheet],
    "SCRIPTS": [script, search_script],
    "GLOBAL_CALLBACK": "config.navigation.shell",
    "DASHBOARD_CALLBACK": "config.home.dashboard",
    "SIDEBAR": {
        "show_search": False,  # our own box stands in the header
        "show_all_applications": False,
        "navigation": "config.navigation.navigation",
    },
    # Unfold's palette keeps every result five minutes, names included, and searching
    # models is unbounded; templates/unfold/helpers/command.html puts ours in its place.
    "COMMAND": {"search_models": False, "show_history": False},
}
