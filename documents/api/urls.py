"""Addresses of the API about documents."""

from django.urls import path

from documents.api.views import CustomerDocuments, DocumentFile, OneDocument

urlpatterns = [
    path(
        "customer/<uuid:customer_id>/documents",
        CustomerDocuments.as_view(),
        name="api_documents",
    ),
    path(
        "customer/<uuid:customer_id>/documents/<uuid:document_id>",
        OneDocument.as_view(),
        name="api_document",
    ),
    path(
        "customer/<uuid:customer_id>/documents/<uuid:document_id>/file",
        DocumentFile.as_view(),
        name="api_document_file",
    ),
]
