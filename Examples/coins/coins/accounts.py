"""Accounts: registering, logging in, preferences."""

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from .errors import Invalid, NotFound, Refused, Unauthorised
from .models import Login, User

ROUNDS = 1000
LIFETIME = timedelta(hours=12)
KNOWN_PREFERENCES = {"theme": {"dark", "light"}, "currency": {"USD", "EUR", "CHF"}}


def hash_password(password: str, salt: bytes | None = None) -> bytes:
    """The salt and the digest, in one piece."""
    if len(password) < 8:
        raise Invalid("a password has at least 8 characters")
    salt = salt or secrets.token_bytes(16)
    return salt + hashlib.pbkdf2_hmac("sha256", password.encode(), salt, ROUNDS)


def password_fits(password: str, hashed: bytes) -> bool:
    digest = hashlib.pbkdf2_hmac("sha256", password.encode(), hashed[:16], ROUNDS)
    return hmac.compare_digest(hashed[16:], digest)


def normalise_email(email: str) -> str:
    email = email.strip()
    local, at, domain = email.rpartition("@")
    if not at or not local or "." not in domain or any(c.isspace() for c in email):
        raise Invalid(f"{email!r} is no address")
    return f"{local}@{domain.lower()}"


def register(session: Session, email: str, password: str, name: str | None = None) -> User:
    user = User(
        email=normalise_email(email), hashed_password=hash_password(password), full_name=name
    )
    try:
        with session.begin_nested():
            session.add(user)
    except IntegrityError as error:
        raise Refused(f"{email} is registered already") from error
    return user


def find(session: Session, email: str) -> User:
    user = session.scalar(select(User).where(func.lower(User.email) == email.strip().lower()))
    if user is None:
        raise NotFound(f"nobody is registered as {email}")
    return user


def log_in(session: Session, email: str, password: str, now: datetime) -> Login:
    try:
        user = find(session, email)
    except NotFound:
        raise Unauthorised("wrong address or password") from None
    if not user.is_active or not password_fits(password, user.hashed_password):
        raise Unauthorised("wrong address or password")
    login = Login(token=secrets.token_urlsafe(24), user_id=user.id, expires_at=now + LIFETIME)
    session.add(login)
    session.flush()
    return login


def who(session: Session, token: str, now: datetime) -> User:
    user = session.scalar(
        select(User)
        .join(Login, Login.user_id == User.id)
        .where(Login.token == token, Login.expires_at > now, User.is_active)
    )
    if user is None:
        raise Unauthorised("log in first")
    return user


def log_out(session: Session, token: str) -> bool:
    return session.execute(delete(Login).where(Login.token == token)).rowcount == 1


def forget_expired(session: Session, now: datetime) -> int:
    return session.execute(delete(Login).where(Login.expires_at <= now)).rowcount


def prefer(session: Session, user: User, **changes) -> dict:
    """Changes some preferences; None removes one."""
    preferences = dict(user.preferences)
    for key, value in changes.items():
        if key not in KNOWN_PREFERENCES:
            raise Invalid(f"there is no preference {key!r}")
        if value is None:
            preferences.pop(key, None)
        elif value in KNOWN_PREFERENCES[key]:
            preferences[key] = value
        else:
            raise Invalid(f"{key} cannot be {value!r}")
    user.preferences = preferences
    session.flush()
    return preferences
