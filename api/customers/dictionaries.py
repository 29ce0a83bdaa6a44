"""The twelve dictionaries, each a route with a permission of its own."""

from rest_framework.request import Request
from rest_framework.response import Response

from api.customers.base import CustomerView
from api.customers.serializers import EntrySerializer
from api.route import route
from customers.registry.dictionaries.entries import entries_of
from customers.registry.models import MIRRORED, Dictionary


def view_of(dictionary: Dictionary) -> type[CustomerView]:
    """The route of one dictionary."""
    fixed = " They are fixed by the software." if dictionary in MIRRORED else ""
    words = f"List the entries in use of “{dictionary.label}”, in order.{fixed}"

    class Entries(CustomerView):
        permissions = {"GET": str(dictionary)}
        serializer_class = EntrySerializer

        @route(str(dictionary), EntrySerializer(many=True), refuses=(), words=words)
        def get(self, _request: Request) -> Response:
            known = entries_of(self.tenant, dictionary)[dictionary]
            rows = [entry for entry in known if entry.is_active]
            return Response(self.get_serializer(rows, many=True).data)

    return Entries
