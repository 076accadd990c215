import java.sql.*;
import java.util.*;

/** Reads views through JDBC, and binds parameters: prints a name and numbers of rows; refuses types a BI tool does not know. */
class Read {
    private static final Set<Integer> KNOWN = Set.of(Types.VARCHAR, Types.NUMERIC, Types.DOUBLE, Types.SMALLINT,
        Types.INTEGER, Types.BIGINT, Types.DATE, Types.TIMESTAMP, Types.BIT);

    private static void checkTypes(String view, ResultSetMetaData columns) throws SQLException {
        for (int i = 1; i <= columns.getColumnCount(); i++)
            if (!KNOWN.contains(columns.getColumnType(i)))
                throw new SQLException(view + "." + columns.getColumnName(i) + " is of type " + columns.getColumnTypeName(i));
    }

    private static int countRows(ResultSet rows) throws SQLException {
        int count = 0;
        while (rows.next()) {
            count++;
            for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++)
                rows.getObject(i);
        }
        return count;
    }

    /** The first column of the only row. Each ? takes the text at its place. */
    private static String ask(Connection connection, String sql, String... values) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < values.length; i++)
                statement.setString(i + 1, values[i]);
            if (!statement.execute())
                return "";
            statement.getResultSet().next();
            return statement.getResultSet().getString(1);
        }
    }

    public static void main(String[] arguments) throws SQLException {
        try (Connection connection = DriverManager.getConnection(arguments[0]); Statement statement = connection.createStatement()) {
            for (int i = 1; i < arguments.length; i++) {
                ResultSet rows = statement.executeQuery("SELECT * FROM stp_bi." + arguments[i]);
                checkTypes(arguments[i], rows.getMetaData());
                System.out.println(arguments[i] + " " + countRows(rows));
            }
            statement.execute("CREATE TEMP TABLE bound (period stp.period)");
            ask(connection, "INSERT INTO bound VALUES (?)", "2026-03");
            System.out.println("bound " + String.join(" ",
                ask(connection, "SELECT count(*) FROM stp.observation WHERE period = ?", "2026-03"),
                ask(connection, "SELECT count(*) FROM stp.assess(?, ?)", "stp-2026", "2026-03"),
                ask(connection, "SELECT count(*) FROM bound b JOIN (SELECT CAST(? AS varchar) AS label) l ON b.period = l.label", "2026-03"),
                ask(connection, "SELECT count(*) FROM bound WHERE period BETWEEN ? AND ?", "2026-01", "2026-03")));
        }
    }
}
