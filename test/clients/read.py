"""Reads views through psycopg, and binds parameters: prints a name and numbers of rows; refuses types that it does not know."""
import sys
from datetime import date, datetime
from decimal import Decimal

import psycopg

PLAIN = (str, int, float, Decimal, bool, date, datetime, type(None))

with psycopg.connect(sys.argv[1]) as connection:
    for view in sys.argv[2:]:
        cursor = connection.execute(f"SELECT * FROM stp_bi.{view}")
        unknown = [c.name for c in cursor.description if connection.adapters.types.get(c.type_code) is None]
        rows = cursor.fetchall()
        if unknown or not all(isinstance(field, PLAIN) for row in rows for field in row):
            sys.exit(f"{view}: columns of unknown types {unknown}")
        print(view, len(rows))

    def ask(sql, *values):
        return connection.execute(sql, values).fetchone()[0]

    connection.execute("CREATE TEMP TABLE bound (period stp.period)")
    connection.execute("INSERT INTO bound VALUES (%s)", ["2026-03"])
    print("bound",
          ask("SELECT count(*) FROM stp.observation WHERE period = %s", "2026-03"),
          ask("SELECT count(*) FROM stp.assess(%s, %s)", "stp-2026", "2026-03"),
          ask("SELECT count(*) FROM bound b JOIN (SELECT %s::varchar AS label) l ON b.period = l.label", "2026-03"),
          ask("SELECT count(*) FROM bound WHERE period BETWEEN %s::text AND %s::text", "2026-01", "2026-03"))
