from __future__ import annotations
import datetime, decimal, enum, uuid
from typing import Annotated, Any, ClassVar, Dict, List, Literal, Optional, Union
from pydantic import (
    AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PositiveInt, SecretStr, TypeAdapter,
    ValidationError, constr, field_validator, model_validator,
)

class Color(enum.Enum):
    RED = "red"
    BLUE = "blue"

class Part(BaseModel):
    name: str
    weight: Optional[float] = None

class Item(BaseModel):
    model_config = ConfigDict(extra="ignore")
    registry: ClassVar[dict] = {}
    id: int
    color: Color = Color.RED
    parts: List[Part] = []
    tags: Dict[str, int] = Field(default_factory=dict)
    kind: Literal["a", "b"] = "a"
    size: PositiveInt = 1
    code: Annotated[str, Field(max_length=3)] = "abc"
    when: datetime.datetime | None = None
    key: uuid.UUID | None = None
    price: decimal.Decimal = decimal.Decimal("1.50")
    either: Union[int, str] = 0

    @field_validator("code", mode="before")
    @classmethod
    def trimmed(cls, value):
        return value.strip() if isinstance(value, str) else value

    @field_validator("id")
    @classmethod
    def positive(cls, value):
        if value < 0:
            raise ValueError("must not be negative")
        return value

    @model_validator(mode="after")
    def consistent(self):
        assert self.kind != "b" or self.size > 1, "b is large"
        return self

class Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    name: constr(min_length=2)
    alias: int = Field(3, alias="theAlias", ge=2)

class Secret(BaseModel):
    password: SecretStr

Upper = Annotated[str, BeforeValidator(str), AfterValidator(lambda value: value.upper())]

def attempt(f):
    try:
        return f()
    except ValidationError as error:
        return [(e["type"], e["loc"], e["msg"]) for e in error.errors()]
    except Exception as error:
        return type(error).__name__
