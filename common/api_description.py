"""How the API's description names what we added; imported where the routes are."""

from drf_spectacular.authentication import SessionScheme


class SessionOnlyScheme(SessionScheme):
    """The session cookie of staff, described as what it is."""

    target_class = "common.api.SessionOnly"
    name = "session"
    priority = 1
