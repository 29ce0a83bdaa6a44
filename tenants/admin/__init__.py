"""Staff, policy, sign-in; and the base of every page with versions."""

from tenants.admin import policy as policy
from tenants.admin import sign_in as sign_in
from tenants.admin import staff as staff
from tenants.admin.versions import VersionedAdmin

__all__ = ["VersionedAdmin"]
