"""How the API answers: REST framework and the description of its routes."""

from typing import Any

REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "api.callers.authentication.Bearer",
        "common.api.SessionOnly",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["api.answers.parsing.StrictJSON"],
    "DEFAULT_THROTTLE_CLASSES": ["api.callers.throttling.PrincipalPace"],
    "DEFAULT_METADATA_CLASS": None,
    "URL_FORMAT_OVERRIDE": None,
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_PAGINATION_CLASS": "common.api.Pages",
    "EXCEPTION_HANDLER": "common.api.answer_error",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "Vestibule",
    "DESCRIPTION": "The customer-management back office of a bank.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    # Staff, and the programs that the description is for.
    "SERVE_PERMISSIONS": ["api.views.IsStaffOrProgram"],
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "PATH_CONVERTER_OVERRIDES": {"key": {"type": "string", "format": "uuid"}},
    # Lists of codes that share the name of their column.
    "ENUM_NAME_OVERRIDES": {
        "CustomerStatus": "customers.registry.choices.Status",
        "AttemptStatus": "kyc.models.Applicant.Status",
        "AccountStatus": "api.accounts.serializers.STATUSES",
        "HoldingStatus": "customers.risk.choices.HoldingStatus",
        "DocumentStatus": "documents.choices.Status",
        "AccountKind": "api.accounts.serializers.KINDS",
        "ContactKind": "customers.contacts.choices.Kind",
        "DocumentKind": "documents.choices.Kind",
        "EvidenceKind": "customers.tiers.choices.EvidenceKind",
        "HoldingKind": "customers.risk.choices.HoldingKind",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "api.description.describe_headers",
    ],
}
