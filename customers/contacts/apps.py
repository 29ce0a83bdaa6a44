"""Phones, e-mails and postal addresses of customers, and whether they are theirs."""

from django.apps import AppConfig


class ContactsConfig(AppConfig):
    name = "customers.contacts"
    verbose_name = "Contacts"

    def ready(self) -> None:
        # Its keys of search register when the module is imported.
        from customers.contacts import search as search
        from customers.contacts.panels import pin_panels

        pin_panels()
