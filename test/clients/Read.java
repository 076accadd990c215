import java.sql.*;
import java.util.Set;

/** Reads views through JDBC: prints the name and the number of rows of each; refuses types a BI tool does not know. */
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

    public static void main(String[] arguments) throws SQLException {
        try (Connection connection = DriverManager.getConnection(arguments[0]); Statement statement = connection.createStatement()) {
            for (int i = 1; i < arguments.length; i++) {
                ResultSet rows = statement.executeQuery("SELECT * FROM stp." + arguments[i]);
                checkTypes(arguments[i], rows.getMetaData());
                System.out.println(arguments[i] + " " + countRows(rows));
            }
        }
    }
}
