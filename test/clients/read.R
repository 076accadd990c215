# Reads views through R's DBI, and binds parameters: prints a name and numbers of rows; refuses a column that is not what its
# type is in R. The connection is that of the PG* variables.
options(warn = 2) # RPostgreSQL warns of a type that it does not know, and reads it as text.
library(RPostgreSQL, quietly = TRUE)

classes <- c("text" = "character", "double precision" = "numeric", "numeric" = "numeric", "smallint" = "integer",
             "integer" = "integer", "bigint" = "numeric", "boolean" = "logical", "date" = "Date",
             "timestamp with time zone" = "POSIXct")

connection <- dbConnect(PostgreSQL())
ask <- function(sql, ...) dbGetQuery(connection, sql, list(...))[[1]]
say <- function(...) writeLines(paste(...))

for (view in commandArgs(TRUE)) {
    rows <- dbGetQuery(connection, paste0("SELECT * FROM stp_bi.", view))
    wanted <- classes[ask("SELECT data_type FROM information_schema.columns WHERE table_schema = 'stp_bi' AND table_name = $1
                            ORDER BY ordinal_position", view)]
    actual <- vapply(rows, function(column) class(column)[1], "")
    wrong <- is.na(wanted) | actual != wanted
    if (any(wrong)) stop(view, ": columns that are not of their type: ", toString(paste(names(rows), actual)[wrong]))
    say(view, nrow(rows))
}
run <- function(sql, ...) invisible(dbClearResult(dbSendQuery(connection, sql, list(...))))
run("CREATE TEMP TABLE bound (period stp.period)")
run("INSERT INTO bound VALUES ($1)", "2026-03")
say("bound",
    ask("SELECT count(*) FROM stp.observation WHERE period = $1", "2026-03"),
    ask("SELECT count(*) FROM stp.assess($1, $2)", "stp-2026", "2026-03"),
    ask("SELECT count(*) FROM bound b JOIN (SELECT $1::varchar AS label) l ON b.period = l.label", "2026-03"),
    ask("SELECT count(*) FROM bound WHERE period BETWEEN $1::text AND $2", "2026-01", "2026-03"))
