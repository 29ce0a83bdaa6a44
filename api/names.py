"""The routes of the API by name: each is a permission, and a scope of a token."""

ROUTES: dict[str, str] = {
    "create_customer": "Register customers",
    "edit_customer": "Change customers",
    "get_customer": "Read one customer",
    "fetch_customer": "Search customers",
    "dispose_customer": "Ask for the disposal of customers",
    "decline_customer": "Decline customers",
    "stage_customer": "Stage customers for import",
    "download_customer": "Download customers",
    "lookup_customer": "Look customers up",
    "create_account": "Open and link accounts",
    "fetch_account": "List accounts",
    "get_account": "Read one account",
}
DICTIONARIES: dict[str, str] = {
    name: f"Read the dictionary “{name.replace('_', ' ')}”"
    for name in (
        "customer_type", "account_type", "address_type", "phone_type", "email_type",
        "customer_category", "employer_category", "employment", "industry",
        "education", "income", "mno",
    )
}  # fmt: skip
# Routes beyond the 24 that have a permission of their own.
BEYOND: dict[str, str] = {"report_holding": "Report products of other systems"}
# Routes of the rooms below that are reached by the same tokens.
OF_ROOMS: dict[str, str] = {
    "contacts.change_contact": "Add, change and prove contacts",
    "kyc.start_kyc": "Start KYC",
    "deposits.open_account": "Open deposit accounts",
    "deposits.link_account": "Link accounts elsewhere",
    "registry.record_activity": "Record activity",
    "documents.view_document": "List and read documents",
    "documents.download_document": "Download documents",
    "documents.upload_document": "Send documents",
    "subscribers.read_events": "Read the feed of events",
}
PERMISSIONS = {
    f"api.{name}": words for name, words in {**ROUTES, **DICTIONARIES, **BEYOND}.items()
}
# All that a token can be good for.
SCOPES: dict[str, str] = {**PERMISSIONS, **OF_ROOMS}
# How a form sets the scopes apart.
GROUPS: dict[str, tuple[str, ...]] = {
    "Customers and accounts": tuple(f"api.{name}" for name in {**ROUTES, **BEYOND}),
    "Beside them": tuple(OF_ROOMS),
    "Dictionaries": tuple(f"api.{name}" for name in DICTIONARIES),
}
