"""Routes that exist for the tests alone, below those of the house."""

import time
from typing import Any

from django.db import connection
from django.urls import include, path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.views import HouseView
from common.api import Refused
from common.errors import DomainError
from customers.registry.models import DictionaryEntry
from tenants.models import NumberRange
from tenants.services import take_number


class SaidSerializer(serializers.Serializer[Any]):
    then = serializers.CharField(required=False)
    seconds = serializers.FloatField(default=0)
    note = serializers.CharField(required=False)


class Probe(HouseView):
    """Takes a number from the institution, and then does as it is told."""

    permissions = {"GET": "fetch_customer", "POST": "create_customer"}
    serializer_class = SaidSerializer

    def get(self, _request: Request) -> Response:
        return Response({"tenant": self.tenant.name})

    def post(self, request: Request) -> Response:
        asked = SaidSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        number = take_number(self.tenant.pk, "customer")
        time.sleep(asked.validated_data["seconds"])
        match asked.validated_data.get("then"):
            case "fault":
                raise RuntimeError("A secret of the house")
            case "unavailable":
                raise Refused(503, "UNAVAILABLE", "Not now.", wait=5)
            case "refused":
                raise DomainError("Not so.")
            case "answered":
                return Response({"status_code": 422}, status=422)
        answer = Response({"number": number}, status=201)
        answer["Location"] = f"/api/v1/probe/{number}"
        return answer


class Entries(HouseView):
    permissions = {"GET": "industry"}

    class Shown(serializers.ModelSerializer[DictionaryEntry]):
        class Meta:
            model = DictionaryEntry
            fields = ("code", "order")

    serializer_class = Shown

    def get(self, _request: Request) -> Response:
        rows = self.mine(DictionaryEntry).filter(dictionary="industry")
        return self.page_of(rows.order_by("order"))  # type: ignore[no-any-return]


def numbers_taken() -> int:
    row = NumberRange.objects.filter(kind="customer").first()
    return row.next_number - 1_000_004 if row else 0


def is_postgresql() -> bool:
    return connection.vendor == "postgresql"


urlpatterns = [
    path("api/v1/probe", Probe.as_view()),
    path("api/v1/entries", Entries.as_view()),
    path("", include("config.urls")),
]
