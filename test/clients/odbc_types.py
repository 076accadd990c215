"""Asks the ODBC driver for the types of the columns of views; refuses those that a BI tool does not know."""
import sys

import pyodbc

KNOWN = {"text", "numeric", "float8", "int2", "int4", "int8", "date", "timestamptz", "bool"}

with pyodbc.connect(sys.argv[1]) as connection:
    for view in sys.argv[2:]:
        columns = connection.cursor().columns(schema="stp", table=view).fetchall()
        unknown = [f"{column.column_name} {column.type_name}" for column in columns if column.type_name not in KNOWN]
        if unknown or not columns:
            sys.exit(f"{view}: columns of unknown types {unknown}")
