"""Asks the ODBC driver for the types of the columns of views, refuses those that a BI tool does not know; binds parameters."""
import sys

import pyodbc

KNOWN = {"text", "numeric", "float8", "int2", "int4", "int8", "date", "timestamptz", "bool"}

with pyodbc.connect(sys.argv[1]) as connection:
    cursor = connection.cursor()
    for view in sys.argv[2:]:
        columns = cursor.columns(schema="stp_bi", table=view).fetchall()
        unknown = [f"{column.column_name} {column.type_name}" for column in columns if column.type_name not in KNOWN]
        if unknown or not columns:
            sys.exit(f"{view}: columns of unknown types {unknown}")

    def ask(sql, *values):
        return cursor.execute(sql, *values).fetchone()[0]

    cursor.execute("CREATE TEMP TABLE bound (period stp.period)")
    cursor.execute("INSERT INTO bound VALUES (?)", "2026-03")
    print("bound",
          ask("SELECT count(*) FROM stp.observation WHERE period = ?", "2026-03"),
          ask("SELECT count(*) FROM stp.assess(?, ?)", "stp-2026", "2026-03"),
          ask("SELECT count(*) FROM bound b JOIN (SELECT CAST(? AS varchar) AS label) l ON b.period = l.label", "2026-03"),
          ask("SELECT count(*) FROM bound WHERE period BETWEEN ? AND ?", "2026-01", "2026-03"))
