"""How a request learns whose it is and what they may: as few questions as possible."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import Permission
from django.db.models import QuerySet

from tenants.models import User


class RoleBackend(ModelBackend):
    """Rights come from roles alone; the institution is read along with the user."""

    def get_user(self, user_id: Any) -> User | None:
        users = User.objects.select_related("tenant")
        user: User | None = users.filter(pk=user_id).first()
        return user if user and self.user_can_authenticate(user) else None

    def _get_user_permissions(self, user_obj: Any) -> QuerySet[Permission]:  # noqa: ARG002
        """Nobody holds a right of their own: the table of roles knows none."""
        return Permission.objects.none()
