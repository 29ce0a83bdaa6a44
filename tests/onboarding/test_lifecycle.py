"""Every verb of a login from every status."""

from uuid import uuid4

import pytest

from onboarding.models import Login

S = Login.Status
VERBS = {"disable": (S.ENABLED, S.DISABLED), "enable": (S.DISABLED, S.ENABLED)}


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("here", list(S))
def test_every_verb_from_every_status(verb: str, here: Login.Status) -> None:
    source, to = VERBS[verb]
    login = Login(customer_id=uuid4(), status=here)
    event = getattr(login, verb)()
    assert login.status == to
    assert (event is not None) == (here == source)
