"""What the service refuses, in its own words."""


class Refused(Exception):
    """Something that cannot be done, and why."""

    status = 409


class NotFound(Refused):
    status = 404


class Invalid(Refused):
    status = 422


class Unauthorised(Refused):
    status = 401
