"""Which dictionary a page is about, whose it is, and where the others are."""

from typing import cast

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.urls import reverse

from customers.registry.models import Dictionary
from tenants.models import Tenant

CHANGE = "registry.change_dictionary"
FIRST = Dictionary.CUSTOMER_CATEGORY  # shown where none is named


def asked_dictionary(request: HttpRequest) -> Dictionary:
    """The one named in the address. Raises Http404 for an unknown one."""
    try:
        return Dictionary(request.GET.get("dictionary", FIRST))
    except ValueError:
        raise Http404 from None


def tenant_of(request: HttpRequest) -> Tenant:
    """Operators belong to no institution: PermissionDenied."""
    tenant = getattr(request.user, "tenant", None)
    if tenant is None:
        raise PermissionDenied
    return cast("Tenant", tenant)


def with_dictionary(name: str, dictionary: Dictionary) -> str:
    place = reverse(f"admin:registry_dictionaryentry_{name}")
    return f"{place}?dictionary={dictionary}"


def list_url(dictionary: Dictionary) -> str:
    return with_dictionary("changelist", dictionary)
