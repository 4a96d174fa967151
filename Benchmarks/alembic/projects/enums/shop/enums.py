import enum
from enum import auto


class Status(enum.Enum):
    DRAFT = "draft"
    LIVE = "live"
    GONE = "gone"


class Priority(enum.IntEnum):
    LOW = 1
    HIGH = 5


class Color(str, enum.Enum):
    red = "r"
    green = "g"
    blue = "b"

    @classmethod
    def values(cls):
        return [member.value for member in cls]


class Flag(enum.Enum):
    A = auto()
    B = auto()
