from datetime import timedelta

import pytest

from coins import accounts
from coins.errors import Invalid, NotFound, Refused, Unauthorised

from .conftest import PASSWORD


@pytest.mark.parametrize(
    "given, kept",
    [
        ("ada@example.org", "ada@example.org"),
        ("  ada@example.org ", "ada@example.org"),
        ("Ada@Example.ORG", "Ada@example.org"),
        ("a+b@x.io", "a+b@x.io"),
        ("ü.3@exämple.org", "ü.3@exämple.org"),
        ('"a@b"@example.org', '"a@b"@example.org'),
    ],
)
def test_addresses_are_kept_in_one_spelling(given, kept):
    assert accounts.normalise_email(given) == kept


@pytest.mark.parametrize("given", ["", "ada", "@example.org", "ada@", "ada@local", "a b@example.org", "a@b\n.org"])
def test_what_is_no_address_is_refused(given):
    with pytest.raises(Invalid, match="is no address"):
        accounts.normalise_email(given)


def test_a_password_is_kept_as_a_salted_digest():
    hashed = accounts.hash_password(PASSWORD)
    assert PASSWORD.encode() not in hashed
    assert len(hashed) == 48
    assert accounts.hash_password(PASSWORD) != hashed


@pytest.mark.parametrize("guess, fits", [(PASSWORD, True), (PASSWORD + " ", False), ("", False), ("Correct horse", False)])
def test_only_the_password_fits(guess, fits):
    assert accounts.password_fits(guess, accounts.hash_password(PASSWORD)) is fits


@pytest.mark.parametrize("password", ["", "short", "1234567"])
def test_a_short_password_is_refused(password):
    with pytest.raises(Invalid, match="8 characters"):
        accounts.hash_password(password)


def test_the_database_fills_in_what_is_not_given(session, user):
    session.refresh(user)
    assert user.public_id.version == 4
    assert user.is_active and not user.is_superuser
    assert user.preferences == {}
    assert user.created_at == user.updated_at


@pytest.mark.parametrize("again", ["ada@example.org", "ADA@example.org", "ada@EXAMPLE.org"])
def test_an_address_registers_once_whatever_its_case(session, user, again):
    with pytest.raises(Refused, match="registered already"):
        accounts.register(session, again, PASSWORD)


def test_a_refused_registration_leaves_the_transaction_usable(session, user):
    with pytest.raises(Refused):
        accounts.register(session, user.email, PASSWORD)
    assert accounts.register(session, "bob@example.org", PASSWORD).id > user.id


def test_people_are_found_by_their_address(session, user):
    assert accounts.find(session, " ADA@example.org") is user
    with pytest.raises(NotFound, match="bob"):
        accounts.find(session, "bob@example.org")


def test_a_login_is_good_for_twelve_hours(session, user, now):
    login = accounts.log_in(session, user.email, PASSWORD, now)
    assert accounts.who(session, login.token, now) is user
    assert accounts.who(session, login.token, now + timedelta(hours=11, minutes=59)) is user
    with pytest.raises(Unauthorised):
        accounts.who(session, login.token, now + timedelta(hours=12))


def test_every_login_has_a_token_of_its_own(session, user, now):
    tokens = {accounts.log_in(session, user.email, PASSWORD, now).token for _ in range(5)}
    assert len(tokens) == 5
    assert all(len(token) >= 32 for token in tokens)


@pytest.mark.parametrize("email, password", [("ada@example.org", "wrong horse"), ("bob@example.org", PASSWORD), ("", "")])
def test_a_wrong_login_does_not_say_what_was_wrong(session, user, now, email, password):
    with pytest.raises(Unauthorised, match="^wrong address or password$"):
        accounts.log_in(session, email, password, now)


def test_an_account_that_is_off_is_locked_out(session, user, now):
    login = accounts.log_in(session, user.email, PASSWORD, now)
    user.is_active = False
    session.flush()
    with pytest.raises(Unauthorised):
        accounts.who(session, login.token, now)
    with pytest.raises(Unauthorised):
        accounts.log_in(session, user.email, PASSWORD, now)


def test_logging_out_ends_one_login(session, user, now):
    first, second = (accounts.log_in(session, user.email, PASSWORD, now) for _ in range(2))
    assert accounts.log_out(session, first.token)
    assert not accounts.log_out(session, first.token)
    with pytest.raises(Unauthorised):
        accounts.who(session, first.token, now)
    assert accounts.who(session, second.token, now) is user


def test_expired_logins_are_forgotten(session, user, now):
    for hours in (0, 13, 26):
        accounts.log_in(session, user.email, PASSWORD, now - timedelta(hours=hours))
    assert accounts.forget_expired(session, now) == 2
    assert accounts.forget_expired(session, now) == 0


def test_preferences_are_changed_one_by_one(session, user):
    session.refresh(user)
    accounts.prefer(session, user, theme="dark")
    assert accounts.prefer(session, user, currency="CHF") == {"theme": "dark", "currency": "CHF"}
    assert accounts.prefer(session, user, theme=None) == {"currency": "CHF"}
    session.refresh(user)
    assert user.preferences == {"currency": "CHF"}


@pytest.mark.parametrize("changes, words", [({"colour": "red"}, "no preference 'colour'"), ({"theme": "blue"}, "theme cannot be 'blue'"), ({"currency": ""}, "currency cannot be ''")])
def test_unknown_preferences_are_refused(session, user, changes, words):
    session.refresh(user)
    with pytest.raises(Invalid, match=words):
        accounts.prefer(session, user, **changes)
    assert user.preferences == {}
