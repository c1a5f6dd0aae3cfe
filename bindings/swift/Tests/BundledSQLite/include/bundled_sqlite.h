// The few functions of SQLite that the tests call, out of the copy inside of libpatron. See https://sqlite.org/c3ref.
#pragma once

typedef struct sqlite3 sqlite3;
typedef struct sqlite3_stmt sqlite3_stmt;

int sqlite3_open_v2(const char *file, sqlite3 **database, int flags, const char *vfs);
int sqlite3_busy_timeout(sqlite3 *database, int milliseconds);
int sqlite3_prepare_v2(sqlite3 *database, const char *sql, int bytes, sqlite3_stmt **statement, const char **tail);
int sqlite3_step(sqlite3_stmt *statement);
int sqlite3_column_count(sqlite3_stmt *statement);
const unsigned char *sqlite3_column_text(sqlite3_stmt *statement, int column);
int sqlite3_finalize(sqlite3_stmt *statement);
int sqlite3_close_v2(sqlite3 *database);
