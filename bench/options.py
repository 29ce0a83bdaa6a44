"""What can be measured, and what may be asked of each; loaded before Django is."""

from argparse import ArgumentParser

NAMES = {
    "webhooks": "how fast callbacks are accepted",
    "documents": "how fast files reach the bucket, and what memory they cost",
    "provisioning": "from the approval at Sumsub to an active customer",
    "sweep": "the nightly activity sweep and its tasks, beside bare SQL",
    "nightly": "every other nightly job, beside bare SQL",
    "events": "webhooks to one and to ten subscribers, beside a bare client",
    "exports": "a list of customers as a file, beside COPY and a csv writer",
    "registry": "lists, searches and pages among very many customers",
}


def parser() -> ArgumentParser:
    top = ArgumentParser(
        prog="python -m bench",
        description="Measure on real servers: JSON on stdout, progress on stderr.",
    )
    names = top.add_subparsers(dest="name", metavar="NAME", required=True)
    for name, title in NAMES.items():
        names.add_parser(name, help=title, description=title)
    _ask_webhooks(names.choices["webhooks"])
    _ask_documents(names.choices["documents"])
    _ask_provisioning(names.choices["provisioning"])
    _ask_sweep(names.choices["sweep"])
    _ask_nightly(names.choices["nightly"])
    _ask_events(names.choices["events"])
    _ask_exports(names.choices["exports"])
    _ask_registry(names.choices["registry"])
    return top


def _ask_webhooks(asked: ArgumentParser) -> None:
    asked.add_argument("--rounds", type=int, default=5)
    asked.add_argument("--requests", type=int, default=2000, help="in each round")
    asked.add_argument("--connections", type=int, default=16)
    asked.add_argument("--rate", type=float, default=100.0, help="of the open loop")
    asked.add_argument("--seconds", type=float, default=10.0, help="of the open loop")


def _ask_documents(asked: ArgumentParser) -> None:
    asked.add_argument("--rounds", type=int, default=5)
    asked.add_argument("--files", type=int, default=12, help="in each round")
    asked.add_argument("--megabytes", type=int, default=25, help="of each file")
    asked.add_argument("--connections", type=int, default=4)


def _ask_provisioning(asked: ArgumentParser) -> None:
    asked.add_argument("--customers", type=int, default=500)
    asked.add_argument("--concurrency", type=int, default=4, help="of the worker")
    asked.add_argument("--limit", type=float, default=600.0, help="seconds in all")
    asked.add_argument(
        "--keycloak", action="store_true", help="logins at the real Keycloak"
    )


def _ask_sweep(asked: ArgumentParser) -> None:
    asked.add_argument("--customers", type=int, default=1_000_000)
    asked.add_argument("--rounds", type=int, default=1, help="of each share")


def _ask_nightly(asked: ArgumentParser) -> None:
    asked.add_argument(
        "--customers", type=int, default=1_000_000, help="and a tenth of that besides"
    )


def _ask_exports(asked: ArgumentParser) -> None:
    asked.add_argument("--customers", type=int, default=100_000)
    asked.add_argument("--rounds", type=int, default=3)


def _ask_registry(asked: ArgumentParser) -> None:
    asked.add_argument("--customers", type=int, default=1_000_000)
    asked.add_argument("--few", type=int, default=10_000, help="of the other bank")
    asked.add_argument("--times", type=int, default=100, help="each question")
    asked.add_argument("--only", default="", help="questions that begin so")
    asked.add_argument(
        "--plans", action="store_true", help="show those of what misses its goal"
    )


def _ask_events(asked: ArgumentParser) -> None:
    asked.add_argument("--events", type=int, default=5000, help="messages of a round")
