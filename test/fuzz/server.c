/*
 * server.c: the way to the server and back. Each input is a statement and a transaction of its own;
 * they are sent in a pipeline, so that a round trip serves many.
 */
#include "fuzz.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

double
now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec + time.tv_nsec / 1e9;
}

void
stop(const char *format, ...)
{
	va_list arguments;

	fputs("fuzz: ", stderr);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
	exit(2);
}

/* Wait for a server that has crashed to come back. */
PGconn *
server_connect(void)
{
	struct timespec pause = {0, 200 * 1000 * 1000};
	PGconn *connection = NULL;

	for (int attempt = 0; attempt < 300; attempt++)
	{
		nanosleep(&pause, NULL);
		connection = PQconnectdb("");
		if (PQstatus(connection) == CONNECTION_OK)
			return connection;
		PQfinish(connection);
	}
	stop("the server does not come back");
}

PGresult *
server_rows(PGconn *connection, const char *sql, int parameters, const char *const *values)
{
	PGresult *rows = PQexecParams(connection, sql, parameters, NULL, values, NULL, NULL, 0);
	ExecStatusType status = PQresultStatus(rows);

	if (status != PGRES_TUPLES_OK && PQstatus(connection) == CONNECTION_OK)
		stop("%s%s", PQerrorMessage(connection), sql);
	return rows;
}

/* What cannot be prepared would not be tested, in silence. */
void
server_prepare(PGconn *connection, const Statement *statement)
{
	PGresult *result = PQprepare(connection, statement->name, statement->sql, 0, NULL);

	if (PQresultStatus(result) != PGRES_COMMAND_OK && PQstatus(connection) == CONNECTION_OK)
		stop("%s%s", PQerrorMessage(connection), statement->sql);
	PQclear(result);
}

/* Send one job; false when the connection is lost. */
static bool
send_job(PGconn *connection, const Job *job)
{
	const char *values[MAX_PARAMETERS];
	int lengths[MAX_PARAMETERS], formats[MAX_PARAMETERS];

	for (int i = 0; i < job->statement->parameters; i++)
	{
		values[i] = job->null[i] ? NULL : job->value[i].data;
		lengths[i] = (int) job->value[i].length;
		formats[i] = i == 0 && job->binary;
	}
	return PQsendQueryPrepared(connection, job->statement->name, job->statement->parameters, values,
							   lengths, formats, 1) == 1 &&
		   PQpipelineSync(connection) == 1;
}

/* Keep what the first row or the error says. */
static void
keep_result(Job *job, PGresult *result)
{
	const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
	const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);

	strcpy(job->sqlstate, sqlstate == NULL ? "00000" : sqlstate);
	free(job->message);
	job->message = message == NULL ? NULL : strdup(message);
	for (int i = 0; i < 3; i++)
	{
		bytes_clear(&job->result[i]);
		if (i < PQnfields(result) && PQntuples(result) > 0)
			bytes_add(&job->result[i], PQgetvalue(result, 0, i), PQgetlength(result, 0, i));
	}
}

/* Read until the end of one job; false when the connection is lost before. */
static bool
read_job(PGconn *connection, Job *job)
{
	bool synchronised = false;

	while (!synchronised)
	{
		PGresult *result = PQgetResult(connection);

		if (result == NULL && PQstatus(connection) == CONNECTION_OK)
			continue;
		if (result == NULL)
			return false;
		synchronised = PQresultStatus(result) == PGRES_PIPELINE_SYNC;
		if (!synchronised)
			keep_result(job, result);
		PQclear(result);
	}
	return strncmp(job->sqlstate, "57P", 3) != 0;
}

size_t
server_run(PGconn *connection, Job *jobs, size_t number)
{
	double before = now();
	size_t done = 0;

	for (size_t i = 0; i < number; i++)
		jobs[i].sqlstate[0] = '\0';
	PQenterPipelineMode(connection);
	for (size_t i = 0; i < number; i++)
		if (!send_job(connection, &jobs[i]))
			break;
	for (; done < number && read_job(connection, &jobs[done]); done++)
	{
		double after = now();

		jobs[done].milliseconds = (after - before) * 1000;
		before = after;
	}
	PQexitPipelineMode(connection);
	return done;
}

/* Longer values are cut: the seed makes them again. */
#define MAX_PRINTED 20000

/* Print a text so that SQL reads it as it is. */
static void
print_literal(const Bytes *value)
{
	fputs("E'", stdout);
	for (size_t i = 0; i < value->length && value->data[i] != '\0'; i++)
	{
		if (i == MAX_PRINTED)
		{
			printf("... (%zu bytes)", value->length);
			break;
		}
		if (strchr("'\\", value->data[i]) != NULL)
			putchar('\\');
		putchar(value->data[i]);
	}
	putchar('\'');
}

/* A binary input goes through COPY. */
static void
print_binary(const Job *job)
{
	printf("\\set state %s\n\\i test/pgtap/receive.psql\nSELECT receive('\\x",
		   job->statement->type->name);
	for (size_t i = 0; i < job->value[0].length && i < MAX_PRINTED; i++)
		printf("%02x", (unsigned char) job->value[0].data[i]);
	printf("');\n");
}

void
print_job(const Job *job)
{
	const char *sql = job->statement->sql;

	if (job->binary)
	{
		print_binary(job);
		return;
	}
	for (const char *at = sql; *at != '\0'; at++)
	{
		char *end;
		long number;

		if (*at != '$')
		{
			putchar(*at);
			continue;
		}
		number = strtol(at + 1, &end, 10) - 1;
		at = end - 1;
		if (job->null[number])
			fputs("NULL", stdout);
		else
			print_literal(&job->value[number]);
	}
	printf(";\n");
}
