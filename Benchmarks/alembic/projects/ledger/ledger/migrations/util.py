import logging
from abc import ABC, abstractmethod
from contextlib import contextmanager
from typing import Any, List, Optional, Sequence

import sqlalchemy as sa
from alembic import context, op

log = logging.getLogger(__name__)


class DDLOperation(ABC):
    """One change that is made when it is not there and left out when it is."""

    def run(self) -> Optional[Any]:
        if not self._is_repair_mode():
            return self.execute()
        if self.pre_execute_check():
            return self.execute()
        self.log_check_not_passed()
        return None

    @abstractmethod
    def execute(self) -> Optional[Any]: ...

    @abstractmethod
    def pre_execute_check(self) -> bool: ...

    def log_check_not_passed(self) -> None:
        log.info(self.non_passed_check_message())

    def non_passed_check_message(self) -> str:
        return f"skipped {self.__class__.__name__}"

    def _is_repair_mode(self) -> bool:
        config = context.config
        return bool(config.attributes.get("repair", True) if hasattr(config, "attributes") else True)

    def _is_sqlite(self) -> bool:
        bind = op.get_context().bind
        return bool(bind) and bind.dialect.name == "sqlite"


class CreateTable(DDLOperation):
    def __init__(self, table_name: str, *columns: sa.schema.SchemaItem) -> None:
        self.table_name = table_name
        self.columns = columns

    def execute(self):
        return op.create_table(self.table_name, *self.columns)

    def pre_execute_check(self) -> bool:
        return not table_exists(self.table_name, default=False)


class DropTable(DDLOperation):
    def __init__(self, table_name: str) -> None:
        self.table_name = table_name

    def execute(self) -> None:
        op.drop_table(self.table_name)

    def pre_execute_check(self) -> bool:
        return table_exists(self.table_name, default=True)


class AddColumn(DDLOperation):
    def __init__(self, table_name: str, column: sa.Column) -> None:
        self.table_name, self.column = table_name, column

    def execute(self) -> None:
        op.add_column(self.table_name, self.column)

    def pre_execute_check(self) -> bool:
        return not column_exists(self.table_name, self.column.name, default=False)


class CreateIndex(DDLOperation):
    def __init__(self, index_name, table_name, columns: Sequence[str], **kw):
        super().__init__()
        self.index_name = index_name
        self.table_name = table_name
        self.columns = columns
        self.kw = kw

    def execute(self):
        op.create_index(self.index_name, self.table_name, self.columns, **self.kw)

    def pre_execute_check(self):
        return not index_exists(self.index_name, self.table_name, False)


def create_table(table_name: str, *columns) -> Optional[sa.Table]:
    return CreateTable(table_name, *columns).run()


def drop_table(table_name: str) -> None:
    DropTable(table_name).run()


def add_column(table_name: str, column: sa.Column) -> None:
    AddColumn(table_name, column).run()


def create_index(index_name, table_name, columns, **kw) -> None:
    CreateIndex(index_name, table_name, columns, **kw).run()


def table_exists(table_name: str, default: bool) -> bool:
    if context.is_offline_mode():
        return default
    return table_name in sa.inspect(op.get_bind()).get_table_names()


def column_exists(table_name: str, column_name: str, default: bool) -> bool:
    if context.is_offline_mode():
        return default
    return any(c["name"] == column_name for c in sa.inspect(op.get_bind()).get_columns(table_name))


def index_exists(index_name, table_name, default):
    if context.is_offline_mode():
        return default
    return index_name in {i["name"] for i in sa.inspect(op.get_bind()).get_indexes(table_name)}


@contextmanager
def transaction():
    """A transaction of its own, unless the environment has begun one."""
    if context.is_offline_mode():
        yield
    else:
        with op.get_bind().begin_nested():
            yield


def build_foreign_key_name(table_name: str, column_names: List[str], referent: str) -> str:
    return "fk_" + "_".join((table_name, *column_names, referent))
