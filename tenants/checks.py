"""Refuse what the role table may not say."""

from typing import Any

from django.core.checks import CheckMessage, Error, register

from tenants.roles import TABLE


@register()
def check_role_table(**_: Any) -> list[CheckMessage]:
    """Every permission of the table is written `app.codename`."""
    return [
        Error(f"Role table: “{code}” is not app.codename.", id="tenants.E001")
        for row in TABLE
        for code in row.permissions
        if code.count(".") != 1
    ]
