"""Reads views as LibreOffice Base does, and binds parameters: prints a name and numbers of rows; refuses a column that Base takes
for something else than it is. Arguments: URL, user, password, views."""
import contextlib
import os
import subprocess
import sys
import tempfile
import time

import uno
from com.sun.star.connection import NoConnectException
from com.sun.star.sdbc import DataType

# How Base reads a column of each type. Its driver for PostgreSQL takes a time with a time zone for text.
TYPES = {"text": (DataType.LONGVARCHAR, "getString"), "timestamp with time zone": (DataType.LONGVARCHAR, "getString"),
         "smallint": (DataType.SMALLINT, "getShort"), "integer": (DataType.INTEGER, "getInt"),
         "bigint": (DataType.BIGINT, "getLong"), "double precision": (DataType.DOUBLE, "getDouble"),
         "numeric": (DataType.NUMERIC, "getDouble"), "date": (DataType.DATE, "getDate"), "boolean": (DataType.BOOLEAN, "getBoolean")}


@contextlib.contextmanager
def headless_office():
    """Starts an office with a profile of its own, and ends it."""
    pipe = f"pipe,name=stp_metrics_{os.getpid()};urp"
    here = uno.getComponentContext()
    resolver = here.ServiceManager.createInstance("com.sun.star.bridge.UnoUrlResolver")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        process = subprocess.Popen(["soffice", "--headless", f"-env:UserInstallation=file://{profile}", f"--accept={pipe}"],
                                   stderr=subprocess.DEVNULL)
        office = None
        while office is None:
            if process.poll() is not None:
                sys.exit(f"soffice ends with {process.returncode}")
            with contextlib.suppress(NoConnectException):
                office = resolver.resolve(f"uno:{pipe};StarOffice.ComponentContext")
            time.sleep(0.1)
        try:
            yield office
        finally:
            office.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", office).terminate()
            process.wait()


def connect(office, url, user, password):
    """Through a data source, as Base does."""
    source = office.ServiceManager.createInstanceWithContext("com.sun.star.sdb.DatabaseContext", office).createInstance()
    source.URL = url
    return source.getConnection(user, password)


def prepare(connection, sql, *values):
    """Each ? takes the text at its place."""
    statement = connection.prepareStatement(sql)
    for place, value in enumerate(values, 1):
        statement.setString(place, value)
    return statement


def rows_of(connection, sql, *values):
    rows = prepare(connection, sql, *values).executeQuery()
    while rows.next():
        yield rows


def ask(connection, sql, *values):
    """The first column of the only row."""
    return [row.getString(1) for row in rows_of(connection, sql, *values)][0]


def read(connection, view):
    """Checks the columns, by their types and by reading a row, and counts the rows: the driver has all of them by then."""
    types = [row.getString(1) for row in rows_of(
        connection, "SELECT data_type FROM information_schema.columns WHERE table_schema = 'stp_bi' AND table_name = ? "
        "ORDER BY ordinal_position", view)]
    rows = connection.createStatement().executeQuery(f"SELECT * FROM stp_bi.{view}")
    rows.next()
    for place, name in enumerate(types, 1):
        wanted, getter = TYPES[name]
        if rows.MetaData.getColumnType(place) != wanted:
            sys.exit(f"{view}.{rows.MetaData.getColumnName(place)} is {name}, for Base {rows.MetaData.getColumnType(place)}")
        getattr(rows, getter)(place)
    rows.last()
    return rows.Row


with headless_office() as office:
    connection = connect(office, *sys.argv[1:4])
    for view in sys.argv[4:]:
        print(view, read(connection, view))
    connection.createStatement().execute("CREATE TEMP TABLE bound (period stp.period)")
    prepare(connection, "INSERT INTO bound VALUES (?)", "2026-03").execute()
    print("bound",
          ask(connection, "SELECT count(*) FROM stp.observation WHERE period = ?", "2026-03"),
          ask(connection, "SELECT count(*) FROM stp.assess(?, ?)", "stp-2026", "2026-03"),
          ask(connection, "SELECT count(*) FROM bound b JOIN (SELECT CAST(? AS varchar) AS label) l ON b.period = l.label", "2026-03"),
          ask(connection, "SELECT count(*) FROM bound WHERE period BETWEEN ? AND ?", "2026-01", "2026-03"))
