"""Reads views through psycopg: prints the name and the number of rows of each; refuses types that it does not know."""
import sys
from datetime import date, datetime
from decimal import Decimal

import psycopg

PLAIN = (str, int, float, Decimal, bool, date, datetime, type(None))

with psycopg.connect(sys.argv[1]) as connection:
    for view in sys.argv[2:]:
        cursor = connection.execute(f"SELECT * FROM stp.{view}")
        unknown = [c.name for c in cursor.description if connection.adapters.types.get(c.type_code) is None]
        rows = cursor.fetchall()
        if unknown or not all(isinstance(field, PLAIN) for row in rows for field in row):
            sys.exit(f"{view}: columns of unknown types {unknown}")
        print(view, len(rows))
