/* drain: the floor of a logical backup. Reads every row of every table of a database over so many
 * connections, the largest table first, as bare libpq does it, and throws all of it away.
 *
 * Usage: drain CONNINFO CONNECTIONS; prints the number of bytes. */
#include <libpq-fe.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *conninfo;
static char snapshot[64];
static PGresult *tables;
static int next_table;
static long long total;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void fail(PGconn *connection)
{
    fprintf(stderr, "drain: %s", PQerrorMessage(connection));
    exit(1);
}

static PGresult *run(PGconn *connection, const char *sql, ExecStatusType expected)
{
    PGresult *result = PQexec(connection, sql);
    if (PQresultStatus(result) != expected)
        fail(connection);
    return result;
}

static PGconn *begin(void)
{
    PGconn *connection = PQconnectdb(conninfo);
    if (PQstatus(connection) != CONNECTION_OK)
        fail(connection);
    PQclear(run(connection, "SET synchronize_seqscans = off; SET search_path = ''; "
                            "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", PGRES_COMMAND_OK));
    return connection;
}

static void *work(void *unused)
{
    PGconn *connection = begin();
    char sql[1024];
    long long bytes = 0;
    snprintf(sql, sizeof sql, "SET TRANSACTION SNAPSHOT '%s'", snapshot);
    PQclear(run(connection, sql, PGRES_COMMAND_OK));
    for (;;) {
        pthread_mutex_lock(&lock);
        int table = next_table < PQntuples(tables) ? next_table++ : -1;
        pthread_mutex_unlock(&lock);
        if (table < 0)
            break;
        snprintf(sql, sizeof sql, "COPY %s TO STDOUT", PQgetvalue(tables, table, 0));
        PQclear(run(connection, sql, PGRES_COPY_OUT));
        char *row;
        int length;
        while ((length = PQgetCopyData(connection, &row, 0)) > 0) {
            bytes += length;
            PQfreemem(row);
        }
        PGresult *result = PQgetResult(connection);
        if (length != -1 || PQresultStatus(result) != PGRES_COMMAND_OK)
            fail(connection);
        PQclear(result);
        while ((result = PQgetResult(connection)))
            PQclear(result);
    }
    PQfinish(connection);
    pthread_mutex_lock(&lock);
    total += bytes;
    pthread_mutex_unlock(&lock);
    return unused;
}

int main(int count, char **arguments)
{
    if (count != 3) {
        fprintf(stderr, "usage: drain CONNINFO CONNECTIONS\n");
        return 2;
    }
    conninfo = arguments[1];
    int workers = atoi(arguments[2]);
    PGconn *leader = begin();
    PGresult *exported = run(leader, "SELECT pg_export_snapshot()", PGRES_TUPLES_OK);
    snprintf(snapshot, sizeof snapshot, "%s", PQgetvalue(exported, 0, 0));
    tables = run(leader,
                 "SELECT c.oid::regclass FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
                 "WHERE c.relkind = 'r' AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema' "
                 "ORDER BY pg_table_size(c.oid) DESC", PGRES_TUPLES_OK);
    pthread_t threads[64];
    if (workers < 1 || workers > 64)
        return 2;
    for (int worker = 0; worker < workers; worker++)
        if (pthread_create(&threads[worker], NULL, work, NULL))
            return 1;
    for (int worker = 0; worker < workers; worker++)
        pthread_join(threads[worker], NULL);
    printf("%lld\n", total);
    return 0;
}
