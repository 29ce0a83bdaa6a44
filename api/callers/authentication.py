"""Who asks, by `Authorization: Bearer`: a token of ours or the provider's."""

import logging
from typing import Any

from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from api.callers.bearer import IssuerUnavailableError, TokenRefusedError, user_of_bearer
from api.callers.throttling import count_failure
from api.callers.tokens import START, user_of_token
from common.api import Refused
from tenants.models import User

REFUSED = "These credentials are not accepted."
RETRY_SECONDS = 15
logger = logging.getLogger(__name__)


class Bearer(BaseAuthentication):
    """One answer for every token that is not good, so that nobody learns why."""

    def authenticate(self, request: Request) -> tuple[User, Any] | None:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        found = self._found(token.strip())
        if found is None:
            # After the token was looked at: behind a proxy that hides addresses, who
            # guesses would else lock out everybody whose token is good.
            count_failure(request)
            raise AuthenticationFailed(REFUSED)
        return found

    def _found(self, token: str) -> tuple[User, Any] | None:
        if token.startswith(f"{START}_"):
            return user_of_token(token)
        try:
            bearer = user_of_bearer(token)
        except TokenRefusedError:
            return None
        except IssuerUnavailableError as error:
            logger.warning("The keys of %s cannot be fetched.", error)
            message = "Tokens cannot be checked at the moment; try again soon."
            raise Refused(503, "UNAVAILABLE", message, wait=RETRY_SECONDS) from error
        return bearer.user, bearer

    def authenticate_header(self, _request: Request) -> str:
        return "Bearer"
