"""The base of every route of the API: who may, whose rows, once, page by page."""

from typing import Any, ClassVar, cast

from django.db.models import Model, QuerySet
from rest_framework.generics import GenericAPIView
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from api.answers.paging import KeysetPages
from api.callers.throttling import PrincipalPace
from common.api import Refused, once
from tenants.models import Tenant, TenantQuerySet, User


class IsStaffOrProgram(BasePermission):
    """Whoever the description is for: not a customer with a login of ours."""

    def has_permission(self, request: Request, view: Any) -> bool:
        del view
        user: Any = request.user
        return bool(user.is_authenticated and user.kind != User.Kind.CUSTOMER)


class HoldsPermission(BasePermission):
    """Somebody of an institution who holds the permission that the route names."""

    def has_permission(self, request: Request, view: Any) -> bool:
        user = request.user
        if not user.is_authenticated or getattr(user, "tenant_id", None) is None:
            return False
        method = str(request.method)
        if method == "OPTIONS" or not hasattr(view, method.lower()):
            return True  # no such method: 405 says so, and nothing else
        name = view.permissions.get("GET" if method == "HEAD" else method)
        if not name:
            return bool(name == "")
        return bool(user.has_perm(name if "." in name else f"api.{name}"))


class HouseView(GenericAPIView[Any]):
    """A route. `permissions` names the permission of each method, "" for anybody's.

    A name without an app is one of the API's own.

    Every `post` acts once for each Idempotency-Key, in one transaction; one that
    speaks to the outside is marked by `@once(is_inside=False)` itself.
    """

    permissions: ClassVar[dict[str, str]]
    permission_classes = (HoldsPermission,)
    throttle_classes = (PrincipalPace,)
    pagination_class = KeysetPages

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        post = cls.__dict__.get("post")
        if post is not None and not getattr(post, "acts_once", False):
            cls.post = once()(post)  # type: ignore[attr-defined]

    @property
    def user(self) -> User:
        return self.request.user  # type: ignore[return-value]

    @property
    def tenant(self) -> Tenant:
        return cast("Tenant", self.user.tenant)  # HoldsPermission saw to it

    def mine(self, rows: TenantQuerySet | type[Model]) -> TenantQuerySet:
        """Rows of the asker's institution alone."""
        found: Any = rows if isinstance(rows, QuerySet) else rows._default_manager  # noqa: SLF001 - Django's name for it
        scoped: TenantQuerySet = found.for_user(self.user)
        return scoped

    def one(
        self, rows: TenantQuerySet | type[Model], pk: Any, *, code: str = "NOT_FOUND",
        message: str = "There is no such record.",
    ) -> Any:  # fmt: skip
        """One row of the asker's institution; 404 with `code` for any other."""
        row = self.mine(rows).filter(pk=pk).first()
        if row is None:
            raise Refused(404, code, message)
        return row

    def page_of(self, rows: QuerySet[Any]) -> Any:
        """The page that was asked for, as an answer."""
        page = self.paginate_queryset(rows)
        return self.get_paginated_response(self.get_serializer(page, many=True).data)
