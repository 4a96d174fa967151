"""The schemas of real applications, as Debian's packages carry them, with rows in every table."""
from __future__ import annotations

import gzip
import os

from . import packages
from .server import Server

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

# For each: the package, and its scripts in the order in which an installation runs them.
APPLICATIONS = {
    "bacula": ("bacula-director-pgsql", ["usr/share/dbconfig-common/data/bacula-director-pgsql/install/pgsql"]),
    "ejabberd": ("ejabberd", ["usr/share/ejabberd/sql/pg.new.sql"]),
    "gammu": ("gammu-smsd", ["usr/share/doc/gammu-smsd/examples/pgsql.sql"]),
    "icinga": ("icinga2-ido-pgsql", ["usr/share/icinga2-ido-pgsql/schema/pgsql.sql"]),
    "icingadb": ("icingadb", ["usr/share/icingadb/schema/pgsql/schema.sql"]),
    "kea": ("kea-admin", ["usr/share/kea/scripts/pgsql/dhcpdb_create.pgsql"]),
    "mediawiki": ("mediawiki", ["usr/share/mediawiki/maintenance/postgres/tables-generated.sql"]),
    "powerdns": ("pdns-backend-pgsql", ["usr/share/pdns-backend-pgsql/schema/schema.pgsql.sql"]),
    "request-tracker": ("request-tracker5", ["usr/share/request-tracker5/etc/schema.Pg"]),
    "roundcube": ("roundcube-core", ["usr/share/roundcube/SQL/postgres.initial.sql"]),
    "tt-rss": ("tt-rss", ["usr/share/tt-rss/schema/ttrss_schema_pgsql.sql"]),
    "zabbix": ("zabbix-server-pgsql", ["usr/share/zabbix-server-pgsql/schema.sql.gz",
                                       "usr/share/zabbix-server-pgsql/images.sql.gz",
                                       "usr/share/zabbix-server-pgsql/data.sql.gz"]),
}

# What an installation does before, where the scripts suppose it.
BEFORE = {
    # Its scripts make the language, which new databases have had since.
    "gammu": "DROP EXTENSION plpgsql;",
    "icingadb": "CREATE EXTENSION citext;",
    "mediawiki": "CREATE SCHEMA mediawiki; SET search_path = mediawiki, public;",
}


def load(server: Server, name: str, database: str) -> None:
    """Makes an application's database and puts rows into each table."""
    package, scripts = APPLICATIONS[name]
    folder = packages.unpacked(package)
    server.create(database)
    for script in scripts:
        path = os.path.join(folder, script)
        data = (gzip.open if path.endswith(".gz") else open)(path, "rb").read()
        text = BEFORE.get(name, "") + data.decode("latin-1")
        server.run("psql", database, "-Xq", "-v", "ON_ERROR_STOP=1", stdin=text.encode("latin-1"))
    server.script(database, os.path.join(HERE, "rows.sql"))

