"""The house's rules about files and imports, read from the source with plain `ast`."""

import ast
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MAX_FILE_LINES = 300
MAX_FUNCTION_LINES = 40
MAX_FILES_IN_APP = 15

# From the ground up: an app imports only what stands before it.
LAYERS = (
    "common",
    "tenants",
    "events",
    "approvals",
    "customers.registry",
    "customers.contacts",
    "customers.tiers",
    "customers.risk",
    "customers.checks",
    "customers.quality",
    "customers.ownership",
    "customers.duplicates",
    "customers.imports",
    "customers.offboarding",
    "customers.privacy",
    "documents",
    "evidence",
    "exports",
    "subscribers",
    "kyc",
    "kyc.sandbox",
    "deposits",
    "onboarding",
    "api",
    "config",
)
# What every app offers to the apps above it.
OFFERED = ("models", "services", "events")
# What some app offers besides, and why.
OFFERED_BESIDES: dict[str, dict[str, str]] = {
    "tenants": {
        "packs.loader": "packs are read by whoever shows or checks a form",
        "roles": "the role table is configuration, not a table of the database",
        "admin": "the admin bases of versioned and tenant-owned records",
    },
    "events": {
        "sweeps": "the decorator by which an app names its sweep",
        "nightly": "the decorator by which an app names its nightly job",
        "each_row": "sweeps over rows of which one may fail",
        "admin.nightly": "where a nightly run stands, for pages about one job",
        "in_bulk": "many rows moved by set-based commands: row, version, event",
        "mail": "letters of handlers, which the outbox tries again",
    },
    "customers.registry": {
        "choices": "the closed lists of the domain, without a table",
        "claims.asking": "the dialog by which one is taken from a colleague",
        "claims.commands": "the commands on who is at what, for desks above",
        "claims.running": "who is at what, for lines of desks above",
        "customer_page": "the board on which apps above pin their panel",
        "labels": "statuses as shape and word, and the hook that names tiers",
        "dictionaries.entries": "the words an institution chooses from, for forms",
        "registration": "the request that register_customer takes",
        "commands.disposal": "the command that refuses to dispose",
        "commands.tasks_in_bulk": "one task for each of many, for set-based commands",
        "commands.staging": "the command that checks a registration, for doors",
        "profile.commands": "the command on profiles, for the API",
        "profile.completeness": "how full a file is, for whoever asks",
        "profile.questions": "what a profile asks of whom",
        "search.finding": "which names have every word of a text",
        "search.id_numbers": "by what index an ID number is found",
        "search.listing": "how lists about customers are searched",
        "search.keys": "the board of exact keys by which customers are found",
        "search.reading": "what a text typed into a search may be",
    },
    "customers.contacts": {
        "choices": "the closed lists of contacts, without a table",
        "reaching": "the way by which apps above tell a customer something",
    },
    "customers.tiers": {
        "ways": "the verbs by which apps above bring evidence",
        "balances": "what apps above hold and move, to be held against limits",
    },
    "customers.risk": {
        "choices": "the closed lists of risk and products, without a table",
        "known": "the board on which apps above say what they know",
        "holdings.reporting": "the way in for what other systems report",
        "segments.counts": "the lists by which apps above count products and money",
    },
    "documents": {
        "choices": "the closed lists of documents, without a table",
        "checklist": "which documents are asked for, and where each stands",
        "storage": "the store of files, for apps that keep files of their own",
        "making.models": "the base of files that a worker makes",
        "making.building": "how such a file is made, whoever is killed",
        "making.expiry": "how its day ends",
        "making.labels": "where it stands, in words",
        "uploads": "the way in for files, also for those of a provider",
        "receiving": "the cap on files, for whoever fetches one",
    },
    "kyc": {
        "start": "the one way to begin KYC, which speaks to Sumsub",
    },
    "deposits": {
        "linked.choices": "the closed lists of linked accounts, without a table",
        "linked.numbers": "what a number of an account elsewhere is and says",
        "linked.services": "the commands on linked accounts",
    },
    "evidence": {
        "chapters": "the board on which apps above put their chapter of the pack",
    },
}
# The stand-in speaks Sumsub's own language, so it signs with the gateway's code.
BORROWED = {"kyc.sandbox": ("kyc.sumsub.signing", "kyc.sumsub.webhook")}
DRAWERS = ("utils.py", "helpers.py", "misc.py", "util.py", "helper.py")
# Joined here, so that this file holds none of them.
REGISTRIES = tuple(
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pypi", "python", "org"),
        ("files", "pythonhosted", "org"),
        ("registry", "npmjs", "org"),
        ("registry", "yarnpkg", "com"),
        ("repo", "maven", "apache", "org"),
        ("repo1", "maven", "org"),
        ("proxy", "golang", "org"),
        ("conda", "anaconda", "org"),
        ("index", "crates", "io"),
    )
)
FOREIGN_ADDRESS = re.compile(
    r"""(?:\b(?:src|href|srcset)\s*=\s*["']?|url\(\s*["']?|@import\s+["'])"""
    r"""\s*(?:https?:)?//""",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Module:
    path: Path
    name: str
    app: str

    @property
    def is_migration(self) -> bool:
        return ".migrations." in f"{self.name}."

    @property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @property
    def tree(self) -> ast.Module:
        return _parsed(self.path)

    def imports(self) -> Iterator[tuple[int, str, str]]:
        """Yield line, module and name ("" for the module itself) of each import."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    yield node.lineno, alias.name, ""
            elif isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    module, name = node.module or "", alias.name
                    if _is_module(f"{module}.{name}"):
                        module, name = f"{module}.{name}", ""
                    yield node.lineno, module, name


@cache
def _parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


@cache
def _is_module(dotted: str) -> bool:
    path = ROOT.joinpath(*dotted.split("."))
    return path.with_suffix(".py").is_file() or path.is_dir()


def app_of(dotted: str) -> str:
    """Return the app a module belongs to; "" when it is none of ours."""
    holders = [a for a in LAYERS if dotted == a or dotted.startswith(f"{a}.")]
    return max(holders, key=len, default="")


@cache
def modules() -> tuple[Module, ...]:
    """Return every module of every app; tests, bench and manage.py are exempt."""
    tops = sorted({layer.partition(".")[0] for layer in LAYERS})
    found = []
    for path in sorted(p for top in tops for p in (ROOT / top).rglob("*.py")):
        dotted = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        dotted = dotted.removesuffix(".__init__")
        found.append(Module(path, dotted, app_of(dotted)))
    return tuple(found)


def place(module: Module, line: int) -> str:
    return f"{module.path.relative_to(ROOT)}:{line}"


def _is_offered(app: str, dotted: str) -> bool:
    if app == "common" or dotted == app:
        return True
    inner = dotted.removeprefix(f"{app}.")
    if any(inner == open_ or inner.startswith(f"{open_}.") for open_ in OFFERED):
        return True
    return inner in OFFERED_BESIDES.get(app, {})


def _import_problem(module: Module, dotted: str, name: str) -> str:
    if dotted.partition(".")[0] in ("tests", "bench"):
        return "nobody imports the tests"
    other = app_of(dotted)
    if not other or other == module.app or module.app == "config":
        return ""
    if other in ("config", "kyc.sandbox"):
        return f"nobody imports {other}"
    if LAYERS.index(other) > LAYERS.index(module.app):
        return f"{module.app} imports {other}, which stands above it"
    if dotted in BORROWED.get(module.app, ()) or _is_offered(other, dotted):
        return ""
    return f"{other} does not offer {dotted}{name and '.' + name}"


def test_imports_go_down_and_only_through_the_front_door() -> None:
    problems = [
        f"{place(module, line)}: {problem}"
        for module in modules()
        if not module.is_migration
        for line, dotted, name in module.imports()
        if (problem := _import_problem(module, dotted, name))
    ]
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize(
    ("importer", "imported", "name", "is_refused"),
    [
        ("tenants.models", "events.services", "publish", True),
        ("events.services", "tenants.models", "User", False),
        ("events.services", "tenants.middleware", "", True),
        ("customers.registry.services", "kyc.models", "Applicant", True),
        ("kyc.handlers", "customers.registry.services", "verify_customer", False),
        ("kyc.handlers", "customers.registry.models.customer", "Customer", False),
        ("kyc.handlers", "customers.registry.details", "clean_details", True),
        ("kyc.handlers", "events.events", "RetryLaterError", False),
        ("kyc.handlers", "events.delivery", "run", True),
        ("kyc.handlers", "events.tasks", "deliver", True),
        ("kyc.handlers", "kyc.sandbox.services", "", True),
        ("kyc.sandbox.services", "kyc.sumsub.client", "", True),
        ("deposits.handlers", "kyc.events", "CallbackReceived", False),
        ("customers.contacts.services", "customers.risk.services", "", True),
        ("common.worklist", "tenants.models", "", True),
        ("onboarding.services", "config.home", "", True),
        ("config.urls", "kyc.webhooks", "receive_callback", False),
        ("tenants.services", "django.db", "models", False),
        ("tenants.services", "tests.conftest", "", True),
    ],
)
def test_the_import_rule_itself(
    importer: str, imported: str, name: str, *, is_refused: bool
) -> None:
    module = Module(ROOT / "none.py", importer, app_of(importer))
    assert bool(_import_problem(module, imported, name)) is is_refused


def test_every_folder_with_code_is_a_known_app() -> None:
    exempt = {"tests", "bench"}
    tops = {layer.partition(".")[0] for layer in LAYERS}
    unknown = {
        path.parent.name for path in ROOT.glob("*/__init__.py")
    } - tops - exempt  # fmt: skip
    unknown |= {m.name for m in modules() if not m.app and m.name != "customers"}
    assert not unknown, f"Give these a place in LAYERS: {sorted(unknown)}"


def test_migrations_import_no_code_of_ours() -> None:
    problems = [
        f"{place(module, line)}: {dotted}"
        for module in modules()
        if module.is_migration
        for line, dotted, _ in module.imports()
        if app_of(dotted) or dotted.startswith("customers")
    ]
    # A custom field would bring our code in by its dotted path.
    problems += [
        f"{place(module, node.lineno)}: {node.value.id}.{node.attr}"
        for module in modules()
        if module.is_migration
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id in LAYERS
    ]
    assert not problems, "\n".join(problems)


def test_migrations_are_named() -> None:
    problems = [
        str(m.path.relative_to(ROOT))
        for m in modules()
        if m.is_migration and re.search(r"_auto_\d{8}", m.path.stem)
    ]
    assert not problems, "\n".join(problems)


def test_files_are_short() -> None:
    problems = [
        f"{place(module, 1)}: {lines} lines"
        for module in modules()
        if not module.is_migration
        and (lines := len(module.text.splitlines())) > MAX_FILE_LINES
    ]
    assert not problems, "\n".join(problems)


def test_functions_are_short() -> None:
    problems = [
        f"{place(module, node.lineno)}: {node.name} has {lines} lines"
        for module in modules()
        if not module.is_migration
        for node in ast.walk(module.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (lines := (node.end_lineno or 0) - node.lineno + 1) > MAX_FUNCTION_LINES
    ]
    assert not problems, "\n".join(problems)


def test_apps_have_few_files() -> None:
    """Count the Python files directly in each folder; an empty marker is no file."""
    counts: dict[Path, int] = {}
    for module in modules():
        if not module.is_migration and module.text.strip():
            folder = module.path.parent
            counts[folder] = counts.get(folder, 0) + 1
    problems = [
        f"{folder.relative_to(ROOT)}: {files} files"
        for folder, files in counts.items()
        if files > MAX_FILES_IN_APP
    ]
    assert not problems, "\n".join(problems)


def test_no_drawers_for_everything() -> None:
    problems = [place(m, 1) for m in modules() if m.path.name in DRAWERS]
    assert not problems, "\n".join(problems)


def test_every_module_says_what_it_is_for() -> None:
    problems = [
        place(module, 1)
        for module in modules()
        if not module.is_migration
        and module.tree.body
        and not (ast.get_docstring(module.tree) or "").strip()
    ]
    assert not problems, "\n".join(problems)


def test_celery_is_known_to_the_outbox_alone() -> None:
    may = {"events.tasks", "config.celery"}
    problems = [
        f"{place(module, line)}: {dotted}"
        for module in modules()
        if module.name not in may
        for line, dotted, _ in module.imports()
        if dotted.partition(".")[0] == "celery"
    ]
    # The outbox waits in the database, so nothing but its nudge speaks to a broker.
    problems += [
        f"{place(module, node.lineno)}: .{node.attr}"
        for module in modules()
        if module.name != "events.nudges"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute)
        and node.attr in ("delay", "apply_async", "send_task")
    ]
    assert not problems, "\n".join(problems)


def tracked_files() -> list[Path]:
    """List what git keeps or would keep."""
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    paths = [ROOT / name for name in listed.split("\0") if name]
    return [path for path in paths if path.is_file()]


def test_no_file_names_a_package_registry() -> None:
    problems = []
    for path in tracked_files():
        content = path.read_bytes().lower()
        problems += [
            f"{path.relative_to(ROOT)}: {host}"
            for host in REGISTRIES
            if host.encode() in content
        ]
    assert not problems, "\n".join(problems)


def test_requirements_carry_no_addresses() -> None:
    problems = [
        f"{path.name}: {line}"
        for path in ROOT.glob("requirements*.txt")
        for line in path.read_text(encoding="utf-8").splitlines()
        if "://" in line or re.match(r"\s*--?(i|index-url|extra-index|find-l)\b", line)
    ]
    assert not problems, "\n".join(problems)


def test_pages_load_nothing_from_elsewhere() -> None:
    problems = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in tracked_files()
        if path.suffix in (".html", ".css", ".svg", ".txt")
        and {"templates", "static"} & set(path.relative_to(ROOT).parts)
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1)
        if FOREIGN_ADDRESS.search(line)
    ]
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize(
    ("line", "is_foreign"),
    [
        ('<script src="https://cdn.example/x.js">', True),
        ("<link href='//cdn.example/x.css'>", True),
        ("background: url(https://cdn.example/x.png)", True),
        ('@import "https://cdn.example/x.css";', True),
        ("<a href=\"{% url 'admin:index' %}\">", False),
        ('<svg xmlns="http://www.w3.org/2000/svg">', False),
    ],
)
def test_the_address_rule_itself(line: str, *, is_foreign: bool) -> None:
    assert bool(FOREIGN_ADDRESS.search(line)) is is_foreign
