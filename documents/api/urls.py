"""Addresses of the API about documents."""

from django.urls import path

from documents.api.views import CustomerDocuments, DocumentFile, OneDocument

urlpatterns = [
    path(
        "customer/<key:customer_id>/documents",
        CustomerDocuments.as_view(),
        name="api_documents",
    ),
    path(
        "customer/<key:customer_id>/documents/<key:document_id>",
        OneDocument.as_view(),
        name="api_document",
    ),
    path(
        "customer/<key:customer_id>/documents/<key:document_id>/file",
        DocumentFile.as_view(),
        name="api_document_file",
    ),
]
