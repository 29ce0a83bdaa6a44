"""Who am I: the first question of every client, and the proof that it got in."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from api.description import refusals
from api.models import ApiToken
from api.names import SCOPES
from api.serializers import MeSerializer
from api.views import HouseView


class Me(HouseView):
    permissions = {"GET": ""}
    serializer_class = MeSerializer

    @extend_schema(operation_id="get_me", responses={200: MeSerializer, **refusals()})
    def get(self, request: Request) -> Response:
        """Say who asks, for which institution, and what they may do."""
        user = self.user
        known_by = "session"
        if request.auth is not None:
            known_by = "token" if isinstance(request.auth, ApiToken) else "provider"
        said = {
            "id": user.pk,
            "name": user.name,
            "login": user.username,
            "known_by": known_by,
            "tenant": self.tenant,
            "permissions": [code for code in sorted(SCOPES) if user.has_perm(code)],
        }
        return Response(self.get_serializer(said).data)
