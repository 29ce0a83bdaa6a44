"""Phones, e-mails and postal addresses of customers, and whether they are theirs."""

from django.apps import AppConfig


class ContactsConfig(AppConfig):
    name = "customers.contacts"
    verbose_name = "Contacts"

    def ready(self) -> None:
        from customers.contacts.panels import pin_panels

        pin_panels()
