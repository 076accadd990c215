/*
 * fuzz.c: hostile input for every base type of the extension and everything that can be called.
 *
 *   fuzz SEED SECONDS [MUTATIONS] < calls.sql, in the cluster that the PG* variables name
 *
 * A fault is a lost connection (a crash, a failed assertion), an internal error (SQLSTATE XX...), a
 * value that does not come back as it was, or a statement that statement_timeout does not end. An
 * error with a proper SQLSTATE is an answer. The same seed sends the same inputs in the same order.
 */
#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BATCH 1000
/* Batches on one connection; the next one has other settings. */
#define BATCHES 50
#define TIMEOUT 250		/* milliseconds */
#define MAX_OVERRUN 250 /* and so many more until a statement has ended */
#define MAX_FAULTS 20
#define MAX_STATES 200

static Type **types;
static int number_types;
static Statement *input; /* one for each type */
static Statement *call;
static int calls;
static int *weight_below; /* sums of the calls' weights */

static PGconn *connection;
static long mutations[3]; /* text, binary, calls */
static long statements, accepted, slow;
static int faults;

static struct
{
	char sqlstate[6];
	long times;
} seen[MAX_STATES];

/* Statements -------------------------------------------------------------------------------- */

/* An input as it is read, as it is read from its text, and the text. */
static void
make_inputs(void)
{
	number_types = types_of_ours(connection, &types);
	input = calloc(number_types, sizeof(Statement));
	for (int i = 0; i < number_types; i++)
	{
		Bytes sql = {0};
		const char *name = types[i]->name;

		bytes_print(&sql, "SELECT $1::%s, $1::%s::text::%s, $1::%s::text", name, name, name, name);
		input[i] = (Statement){
			.sql = sql.data, .type = types[i], .parameter = {types[i]}, .parameters = 1};
		snprintf(input[i].name, sizeof(input[i].name), "input%d", i);
	}
}

/* Take in the types of a call: an array as text, {1,2}. */
static void
read_parameters(Statement *statement, char *list)
{
	for (char *word = strtok(list, "{,}"); word != NULL; word = strtok(NULL, "{,}"))
	{
		if (statement->parameters == MAX_PARAMETERS)
			stop("more than %d parameters: %s", MAX_PARAMETERS, statement->sql);
		statement->parameter[statement->parameters++] =
			type_find(connection, strtoul(word, NULL, 10));
	}
}

static void
make_calls(const char *sql)
{
	PGresult *rows = server_rows(connection, sql, 0, NULL);
	int weight = 0;

	calls = PQntuples(rows);
	call = calloc(calls, sizeof(Statement));
	weight_below = calloc(calls, sizeof(int));
	for (int i = 0; i < calls; i++)
	{
		call[i].sql = strdup(PQgetvalue(rows, i, 0));
		snprintf(call[i].name, sizeof(call[i].name), "call%d", i);
		read_parameters(&call[i], PQgetvalue(rows, i, 1));
		weight_below[i] = weight += atoi(PQgetvalue(rows, i, 2));
		if (*PQgetvalue(rows, i, 3) != '\0')
			call[i].type = type_find(connection, strtoul(PQgetvalue(rows, i, 3), NULL, 10));
	}
	PQclear(rows);
}

/* Connect, with settings that change what text looks like, and prepare everything. False when a
 * server that is about to restart has taken the connection once more. */
static bool
try_session(void)
{
	static const char *const styles[] = {"ISO, MDY", "German", "SQL, DMY", "Postgres, YMD"};
	static const int digits[] = {1, 0, -15, 3};
	Bytes sql = {0};

	connection = server_connect();
	bytes_print(&sql,
				"SELECT set_config('statement_timeout', '%d', false), set_config('DateStyle', "
				"'%s', false), "
				"set_config('extra_float_digits', '%d', false), set_config('jit', 'off', false), ",
				TIMEOUT, styles[random_below(4)], digits[random_below(4)]);
	bytes_print(&sql, "set_config('client_min_messages', 'error', false), "
					  "set_config('log_min_messages', 'fatal', false), "
					  "set_config('log_min_error_statement', 'panic', false)");
	PQclear(server_rows(connection, sql.data, 0, NULL));
	bytes_free(&sql);
	for (int i = 0; i < number_types; i++)
		server_prepare(connection, &input[i]);
	for (int i = 0; i < calls; i++)
		server_prepare(connection, &call[i]);
	return PQstatus(connection) == CONNECTION_OK;
}

static void
begin_session(void)
{
	while (!try_session())
		PQfinish(connection);
}

/* Inputs ------------------------------------------------------------------------------------ */

static void
make_input_job(Job *job, bool binary)
{
	const Statement *statement = &input[random_below(number_types)];
	Pool *pool = binary ? &statement->type->binary : &statement->type->text;
	const Bytes *item = pool_pick(pool);

	job->statement = statement;
	job->binary = binary && item != NULL;
	if (item == NULL)
		item = pool_pick(pool = &statement->type->text);
	bytes_add(&job->value[0], item->data, item->length);
	if (job->binary)
		mutate_binary(&job->value[0], pool);
	else
		mutate_text(&job->value[0], pool);
	mutations[job->binary]++;
}

static void
make_call_job(Job *job)
{
	int place = (int) random_below(weight_below[calls - 1]), at = 0;

	while (weight_below[at] <= place)
		at++;
	job->statement = &call[at];
	for (int i = 0; i < job->statement->parameters; i++)
		job->null[i] = !make_value(job->statement->parameter[i], &job->value[i]);
	mutations[2]++;
}

/* Forget what a job held, but for its memory. */
static void
clear_job(Job *job)
{
	for (int i = 0; i < MAX_PARAMETERS; i++)
	{
		bytes_clear(&job->value[i]);
		job->null[i] = false;
	}
	job->binary = job->must_pass = false;
	job->sqlstate[0] = '\0';
}

static void
make_job(Job *job)
{
	size_t kind = random_below(20);

	clear_job(job);
	if (kind < 5)
		make_call_job(job);
	else
		make_input_job(job, kind < 12);
}

/* Answers ----------------------------------------------------------------------------------- */

static void
count_state(const char *sqlstate)
{
	int i = 0;

	while (i < MAX_STATES - 1 && seen[i].times > 0 && strcmp(seen[i].sqlstate, sqlstate) != 0)
		i++;
	strcpy(seen[i].sqlstate, sqlstate);
	seen[i].times++;
}

/* Say so, with a statement that shows it, unless the same statement has failed so before. */
static void
report_fault(const Job *job, const char *what)
{
	static struct
	{
		const Statement *statement;
		const char *what;
	} reported[MAX_FAULTS];
	int i = 0;

	faults++;
	while (i < MAX_FAULTS && reported[i].statement != NULL &&
		   (reported[i].statement != job->statement || reported[i].what != what))
		i++;
	if (i == MAX_FAULTS || reported[i].statement != NULL)
		return;
	reported[i].statement = job->statement;
	reported[i].what = what;
	printf("FAULT: %s: %s %s\n", what, job->sqlstate, job->message == NULL ? "" : job->message);
	print_job(job);
	fflush(stdout);
}

static bool
same_bytes(const Bytes *a, const Bytes *b)
{
	return a->length == b->length && memcmp(a->data, b->data, a->length) == 0;
}

/* A slow answer may be the machine's fault; one that is slow three times is not. */
static void
judge_time(Job *job)
{
	slow++;
	for (int again = 0; again < 2; again++)
		if (server_run(connection, job, 1) < 1 || job->milliseconds <= TIMEOUT + MAX_OVERRUN)
			return;
	report_fault(job, "cannot be cancelled");
}

/* What the server has written itself it must read, to the last bit. */
static void
judge_written(const Job *job)
{
	if (strcmp(job->sqlstate, "57014") == 0)
		return;
	if (strcmp(job->sqlstate, "00000") != 0)
		report_fault(job, "what was written cannot be read");
	else if (!same_bytes(&job->result[0], &job->result[1]))
		report_fault(job, "text and back is another value");
}

static void
judge(Job *job)
{
	statements++;
	count_state(job->sqlstate);
	if (strncmp(job->sqlstate, "XX", 2) == 0)
		report_fault(job, "internal error");
	if (job->milliseconds > TIMEOUT + MAX_OVERRUN)
		judge_time(job);
	if (job->must_pass)
		judge_written(job);
}

/* Send a job by itself; false when the connection is lost. A server that is about to restart may
 * have taken it, so that one loss is none. */
static bool
run_alone(Job *job)
{
	for (int attempt = 0; attempt < 2; attempt++)
	{
		if (server_run(connection, job, 1) == 1)
			return true;
		PQfinish(connection);
		begin_session();
	}
	return false;
}

/* Find out which of the jobs bring the server down. */
static void
run_singly(Job *jobs, size_t number)
{
	int before = faults;

	for (size_t i = 0; i < number; i++)
		if (run_alone(&jobs[i]))
			judge(&jobs[i]);
		else
			report_fault(&jobs[i], "connection lost");
	if (faults == before)
		report_fault(jobs, "connection lost, here or soon after, but not again");
}

/* Send jobs and judge the answers. When the connection is lost, answers on their way are too. */
static void
run(Job *jobs, size_t number)
{
	size_t done = server_run(connection, jobs, number);

	for (size_t i = 0; i < done; i++)
		judge(&jobs[i]);
	if (done == number)
		return;
	PQfinish(connection);
	begin_session();
	run_singly(jobs + done, number - done);
}

/* The statement that reads a type. */
static const Statement *
input_of(const Type *type)
{
	for (int i = 0; i < number_types; i++)
		if (types[i] == type)
			return &input[i];
	return NULL;
}

/* What came out goes in again: the binary value, or the text of what a call returned. */
static void
make_return_job(Job *job, const Job *from)
{
	bool binary = from->statement == input_of(from->statement->type);
	const Bytes *value = &from->result[binary ? 0 : 2];

	clear_job(job);
	job->statement = input_of(from->statement->type);
	job->binary = binary;
	job->must_pass = true;
	bytes_add(&job->value[0], value->data, value->length);
	bytes_clear(&job->expected);
	bytes_add(&job->expected, from->result[0].data, from->result[0].length);
}

/* Send back what was accepted, and keep it for more mutations. */
static void
follow(const Job *jobs, size_t number, Job *returns)
{
	size_t count = 0;

	for (size_t i = 0; i < number; i++)
		if (jobs[i].statement->type != NULL && strcmp(jobs[i].sqlstate, "00000") == 0 &&
			jobs[i].result[2].length > 0)
			make_return_job(&returns[count++], &jobs[i]);
	run(returns, count);
	for (size_t i = 0; i < count; i++)
	{
		Type *type = returns[i].statement->type;
		const Bytes *binary = &returns[i].result[0], *text = &returns[i].result[2];

		if (strcmp(returns[i].sqlstate, "00000") != 0)
			continue;
		accepted++;
		if (!same_bytes(&returns[i].expected, binary))
			report_fault(&returns[i], "what was written is read as another value");
		pool_add(&type->text, text->data, text->length);
		pool_add(&type->binary, binary->data, binary->length);
	}
}

/* The genuine values themselves, so that there are binary ones to change. */
static void
send_genuine(Job *returns)
{
	for (int i = 0; i < number_types; i++)
		for (size_t at = 0; at < types[i]->text.genuine; at++)
		{
			Pool *pool = &types[i]->binary;

			clear_job(&returns[0]);
			returns[0].statement = &input[i];
			returns[0].must_pass = true;
			bytes_add(&returns[0].value[0], types[i]->text.item[at].data,
					  types[i]->text.item[at].length);
			run(returns, 1);
			pool_add(pool, returns[0].result[0].data, returns[0].result[0].length);
			pool->genuine = pool->items;
		}
}

/* Batches until the time is over, or as many mutations are done. */
static void
fuzz(double seconds, long limit)
{
	static Job jobs[BATCH], returns[BATCH];
	double end = now() + seconds;

	send_genuine(returns);
	for (long batch = 1; now() < end && mutations[0] + mutations[1] + mutations[2] < limit; batch++)
	{
		if (batch % BATCHES == 0)
		{
			PQfinish(connection);
			begin_session();
		}
		for (size_t i = 0; i < BATCH; i++)
			make_job(&jobs[i]);
		run(jobs, BATCH);
		follow(jobs, BATCH, returns);
	}
}

static void
print_figures(void)
{
	printf("fuzz: %ld mutations: %ld texts, %ld binary values, %ld calls\n",
		   mutations[0] + mutations[1] + mutations[2], mutations[0], mutations[1], mutations[2]);
	printf("fuzz: %ld statements, %ld values accepted and read back, %ld slow ones tried again\n",
		   statements, accepted, slow);
	printf("fuzz: SQLSTATEs:");
	for (int i = 0; i < MAX_STATES && seen[i].times > 0; i++)
		printf(" %s %ld", seen[i].sqlstate, seen[i].times);
	printf("\nfuzz: %d faults\n", faults);
}

/* All of a stream. */
static char *
read_all(FILE *file)
{
	Bytes text = {0};
	char block[4096];
	size_t length;

	while ((length = fread(block, 1, sizeof(block), file)) > 0)
		bytes_add(&text, block, length);
	return text.data;
}

int
main(int argc, char **argv)
{
	if (argc < 3)
		stop("usage: fuzz SEED SECONDS [MUTATIONS] < calls.sql");
	printf("fuzz: SEED=%s SECONDS=%s\n", argv[1], argv[2]);
	fflush(stdout);
	random_start(strtoull(argv[1], NULL, 10));
	begin_session();
	words_load(connection);
	make_inputs();
	make_calls(read_all(stdin));
	PQfinish(connection);
	begin_session();
	printf("fuzz: %d types, %d calls\n", number_types, calls);
	fuzz(atof(argv[2]), argc > 3 ? atol(argv[3]) : INT64_MAX);
	print_figures();
	return faults > 0;
}
