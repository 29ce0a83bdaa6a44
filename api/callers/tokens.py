"""API tokens of people: made, shown once, found again, and what each is good for."""

import hashlib
import hmac
import secrets
import string
from collections.abc import Iterable
from datetime import date, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from api.models import SEEN_EVERY, ApiToken
from api.names import SCOPES
from common.errors import DomainError, NotForYouError
from common.text import clean
from tenants.models import User

START = "vst"
LONGEST = timedelta(days=365)
MAX_TOKENS = 20  # alive at once; more is a leak in some program
MAX_NAME = 80
_PREFIX_LETTERS = string.ascii_lowercase + string.digits
_SECRET_LETTERS = string.ascii_letters + string.digits
PREFIX_LENGTH = 8
SECRET_LENGTH = 43  # of 62 letters: 256 bits
# Compared with where no token begins so, so that both ways take as long.
_NOBODY = hashlib.sha256(b"nobody").hexdigest()


def _random(letters: str, length: int) -> str:
    return "".join(secrets.choice(letters) for _ in range(length))


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def scopes_of(user: User) -> dict[str, str]:
    """What a token of theirs may be good for, with its words."""
    return {code: words for code, words in SCOPES.items() if user.has_perm(code)}


def latest_end() -> date:
    return timezone.now().date() + LONGEST


@transaction.atomic
def create_token(
    *, name: str, scopes: Iterable[str], expires_on: date, by: User
) -> tuple[ApiToken, str]:
    """Make a token for `by`; returns it and what to send, which nobody keeps."""
    name = clean(name)
    chosen = sorted(set(scopes))
    _refuse(name, chosen, expires_on, by)
    # One of the same user waits for the other, so that both cannot be the last.
    User.objects.select_for_update().get(pk=by.pk)
    if by.api_tokens.alive(timezone.now()).count() >= MAX_TOKENS:
        raise DomainError(f"You have {MAX_TOKENS} tokens; revoke one first.")
    secret = _random(_SECRET_LETTERS, SECRET_LENGTH)
    token = ApiToken(
        tenant_id=by.tenant_id, user=by, name=name, scopes=chosen,
        prefix=_random(_PREFIX_LETTERS, PREFIX_LENGTH), secret_sha256=_hash(secret),
        created_at=timezone.now(), expires_on=expires_on,
    )  # fmt: skip
    try:
        with transaction.atomic():
            token.save(force_insert=True)
    except IntegrityError:  # that prefix is taken: one in millions of millions
        raise DomainError("Try again, please.") from None
    return token, f"{START}_{token.prefix}_{secret}"


def _refuse(name: str, scopes: list[str], expires_on: date, by: User) -> None:
    if not by.has_perm("api.create_token") or by.tenant_id is None:
        raise NotForYouError("You may not make API tokens.")
    if not 0 < len(name) <= MAX_NAME:
        raise DomainError(f"A name has at most {MAX_NAME} characters.", field="name")
    if not scopes:
        raise DomainError("Say what the token is for.", field="scopes")
    if not set(scopes) <= set(scopes_of(by)):
        message = "A token cannot do what you may not do."
        raise NotForYouError(message, field="scopes")
    today = timezone.now().date()
    if not today <= expires_on <= today + LONGEST:
        message = "A token lives for a year at most, and at least today."
        raise DomainError(message, field="expires_on")


@transaction.atomic
def revoke_token(token_id: UUID, *, by: User) -> ApiToken:
    """End a token at once: one's own, or as an administrator anybody's."""
    rows = ApiToken.objects.for_user(by).select_for_update()
    token: ApiToken = rows.get(pk=token_id)
    if token.user_id != by.pk and not by.has_perm("api.manage_tokens"):
        raise NotForYouError("Only administrators revoke tokens of others.")
    if token.revoked_at is None:
        token.revoked_at, token.revoked_by = timezone.now(), by
        token.save(update_fields=["revoked_at", "revoked_by"])
    return token


def user_of_token(text: str) -> tuple[User, ApiToken] | None:
    """Whose token it is, able to do what both may; None for any that is not good."""
    _, _, rest = text.partition("_")
    prefix, _, secret = rest.partition("_")
    rows = ApiToken.objects.select_related("user__tenant")
    token = rows.filter(prefix=prefix).first() if _is_prefix(prefix) else None
    held = token.secret_sha256 if token else _NOBODY
    is_right = hmac.compare_digest(_hash(secret), held)
    now = timezone.now()
    if token is None or not is_right or not token.is_alive(now):
        return None
    user: User = token.user
    if not user.is_active or not user.is_staff or user.tenant_id != token.tenant_id:
        return None
    _note_use(token)
    user.scopes = frozenset(token.scopes)
    return user, token


def _is_prefix(text: str) -> bool:
    return len(text) == PREFIX_LENGTH and set(text) <= set(_PREFIX_LETTERS)


def _note_use(token: ApiToken) -> None:
    """Write when it was last used, at most once a minute."""
    now = timezone.now()
    if token.is_seen_long_ago(now):
        unseen = Q(last_used_at=None) | Q(last_used_at__lte=now - SEEN_EVERY)
        ApiToken.objects.filter(unseen, pk=token.pk).update(last_used_at=now)
