from enum import StrEnum


class CreatorRole(StrEnum):
    ACCOUNT = "account"
    END_USER = "end_user"
