/*
 * fuzz.h: the parts of the fuzzer: random numbers and mutations (mutate.c), values of every type
 * (values.c), and what is sent to the server and judged when it answers (server.c, fuzz.c).
 */
#ifndef STP_FUZZ_H
#define STP_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libpq-fe.h>

/* Bytes that grow; a zero stands behind the last one. */
typedef struct Bytes
{
	char *data;
	size_t length;
	size_t room;
} Bytes;

extern void bytes_clear(Bytes *bytes);
extern void bytes_add(Bytes *bytes, const char *data, size_t length);
extern void bytes_print(Bytes *bytes, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
extern void bytes_free(Bytes *bytes);

/* Inputs that were given or accepted; when it is full, a new one takes the place of another. */
typedef struct Pool
{
	Bytes *item;
	size_t items;
	size_t genuine; /* the first ones, which stay */
	size_t room;
} Pool;

extern void pool_add(Pool *pool, const char *data, size_t length);
extern const Bytes *pool_pick(const Pool *pool);

extern void random_start(uint64_t seed);
extern uint64_t random_bits(void);
/* From 0 to below. */
extern size_t random_below(size_t below);
/* Once in so many. */
extern bool random_once(size_t in);

extern double hostile_double(void);
extern int64_t hostile_integer(void);
/* One to four changes of a text, or of a binary value. */
extern void mutate_text(Bytes *bytes, const Pool *pool);
extern void mutate_binary(Bytes *bytes, const Pool *pool);

/* A type that some parameter has. */
typedef struct Type
{
	Oid oid;
	char *name; /* as SQL writes it */
	char form;	/* o ours, b built in, a array, c composite */
	struct Type *element;
	struct Type **field;
	int fields;
	Pool text; /* ours: what was accepted */
	Pool binary;
} Type;

extern Type *type_find(PGconn *connection, Oid oid);
/* The base types of the extension, with their genuine values. */
extern int types_of_ours(PGconn *connection, Type ***types);
/* Words that tables and checks of the extension know. */
extern void words_load(PGconn *connection);
/* A hostile value as text; false: NULL. */
extern bool make_value(const Type *type, Bytes *value);

#define MAX_PARAMETERS 16

/* What is prepared once and sent again and again. */
typedef struct Statement
{
	char name[16];
	char *sql;
	Type *type; /* whose input it is; NULL: a call */
	Type *parameter[MAX_PARAMETERS];
	int parameters;
} Statement;

/* One hostile input, and what came of it. */
typedef struct Job
{
	const Statement *statement;
	Bytes value[MAX_PARAMETERS];
	bool null[MAX_PARAMETERS];
	bool binary;	/* the first parameter is */
	bool must_pass; /* the server has written it itself... */
	Bytes expected; /* ...and this is its binary form */
	char sqlstate[6];
	char *message;
	double milliseconds;
	Bytes result[3];
} Job;

extern PGconn *server_connect(void);
extern void server_prepare(PGconn *connection, const Statement *statement);
/* Send the jobs at once and read what comes back; how many were answered: all, unless the
 * connection was lost. */
extern size_t server_run(PGconn *connection, Job *jobs, size_t number);
/* The rows of a query that has to work if the connection does. */
extern PGresult *server_rows(PGconn *connection, const char *sql, int parameters,
							 const char *const *values);

/* A statement that does what the job did. */
extern void print_job(const Job *job);

extern double now(void);
extern void stop(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));

#endif
