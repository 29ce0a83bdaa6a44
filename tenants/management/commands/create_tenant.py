"""Found an institution with its first administrator."""

import getpass
from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from common.errors import DomainError
from tenants.roles import Role
from tenants.services import create_tenant, get_machine, register_staff


class Command(BaseCommand):
    help = "Found an institution with its first administrator."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", help="short name, e.g. demo")
        parser.add_argument("name", help="full name, e.g. 'Demo Bank'")
        parser.add_argument("--administrator", required=True, help="e-mail")
        parser.add_argument("--pack", default="bank")
        parser.add_argument("--currency", default="USD")
        parser.add_argument("--time-zone", default="UTC")

    @transaction.atomic
    def handle(self, *_: Any, **options: Any) -> None:
        setup = get_machine("setup")
        password = getpass.getpass("Password of the administrator: ")
        try:
            validate_password(password)
            tenant = create_tenant(
                name=options["name"], slug=options["slug"], by=setup,
                pack=options["pack"], currency=options["currency"],
                time_zone=options["time_zone"],
            )  # fmt: skip
            register_staff(
                tenant=tenant, email=options["administrator"], name="Administrator",
                roles=[Role.ADMINISTRATOR], by=setup, password=password,
            )  # fmt: skip
        except (ValidationError, DomainError) as error:
            messages = getattr(error, "messages", None) or [str(error)]
            raise CommandError(" ".join(messages)) from error
        self.stdout.write(
            f"{tenant} is founded; sign in as {options['administrator']}."
        )
