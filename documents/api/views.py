"""Documents through the API: list, send, look at, download."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponseRedirect
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.parsers import MultiPartParser
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from common.api import Refused, once, once_id
from common.errors import DomainError
from customers.registry.models import Customer
from documents.api.serializers import (
    REFUSALS,
    REFUSALS_OF_FILES,
    DocumentSerializer,
    UploadSerializer,
)
from documents.choices import Source
from documents.downloads import address_of, readable_document
from documents.models import Document
from documents.receiving import TOO_LARGE, is_too_large
from documents.services import Paper
from documents.uploads import upload_document
from tenants.models import User


class MayRead(BasePermission):
    def has_permission(self, request: Request, _view: Any) -> bool:
        return request.user.has_perm("documents.view_document")


class MayReadAndSend(MayRead):
    def has_permission(self, request: Request, view: Any) -> bool:
        if request.method == "POST":
            return request.user.has_perm("documents.upload_document")
        return super().has_permission(request, view)


def own_customer(request: Request, customer_id: UUID) -> Customer:
    """A customer of the asker's institution; 404 CUSTOMER_NOT_FOUND otherwise."""
    mine = Customer.objects.for_user(request.user)
    customer: Customer | None = mine.filter(pk=customer_id).first()
    if customer is None:
        raise Refused(404, "CUSTOMER_NOT_FOUND", "There is no such customer.")
    return customer


class CustomerDocuments(GenericAPIView[Document]):
    """The documents of one customer."""

    serializer_class = DocumentSerializer
    permission_classes = (MayReadAndSend,)
    parser_classes = (MultiPartParser,)
    queryset = Document.objects.none()

    @extend_schema(
        operation_id="list_documents",
        responses={200: DocumentSerializer(many=True), **REFUSALS},
    )
    def get(self, request: Request, customer_id: UUID) -> Response:
        """List them, the newest first."""
        customer = own_customer(request, customer_id)
        rows = Document.objects.filter(customer=customer)
        page = self.paginate_queryset(rows)
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @once(is_inside=False)  # the store is outside
    @extend_schema(
        operation_id="upload_document",
        request={"multipart/form-data": UploadSerializer},
        responses={201: DocumentSerializer, **REFUSALS_OF_FILES},
    )
    def post(self, request: Request, customer_id: UUID) -> Response:
        """Send one file. A store that does not answer makes it `failed`, not lost."""
        customer = own_customer(request, customer_id)
        asked = UploadSerializer(data=request.data)
        if is_too_large(request._request):  # noqa: SLF001 - the handler's note is there
            raise DomainError(TOO_LARGE, code="FILE_TOO_LARGE", field="file")
        asked.is_valid(raise_exception=True)
        said = dict(asked.validated_data)
        said.setdefault("id", once_id(request))
        file = said.pop("file")
        paper = Paper(source=Source.API, **said)
        document = upload_document(customer.pk, paper, file, by=_user(request))
        return Response(self.get_serializer(document).data, status=201)


class OneDocument(GenericAPIView[Document]):
    serializer_class = DocumentSerializer
    permission_classes = (MayRead,)
    queryset = Document.objects.none()

    @extend_schema(
        operation_id="get_document", responses={200: DocumentSerializer, **REFUSALS}
    )
    def get(self, request: Request, customer_id: UUID, document_id: UUID) -> Response:
        """Say where one document stands."""
        customer = own_customer(request, customer_id)
        document = Document.objects.filter(customer=customer, pk=document_id).first()
        if document is None:
            raise Http404
        return Response(self.get_serializer(document).data)


class DocumentFile(GenericAPIView[Document]):
    serializer_class = DocumentSerializer
    permission_classes = (MayRead,)
    queryset = Document.objects.none()

    @extend_schema(
        operation_id="download_document",
        responses={
            302: OpenApiResponse(description="Where the file is, for a minute."),
            **REFUSALS_OF_FILES,
        },
    )
    def get(
        self, request: Request, customer_id: UUID, document_id: UUID
    ) -> HttpResponseRedirect:
        """Redirect to an address of the file that works for a minute; logged."""
        user = _user(request)
        own_customer(request, customer_id)
        document = readable_document(user, document_id)
        if document.customer_id != customer_id:
            raise Http404
        return HttpResponseRedirect(address_of(document, by=user))


def _user(request: Request) -> User:
    return request.user  # type: ignore[return-value]
