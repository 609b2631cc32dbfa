/*
 * Spans of Go programs, taken at the entries and returns of functions of the standard library and of libraries in wide use.
 * The calling goroutine is the key of what is under way; what a goroutine inherits is copied when it is made.
 *
 * Entries can run twice for one call, when the stack had to grow: a second start replaces the first.
 */
#include "go-goroutine.h"
#include "go-http.h"
#include "go-log.h"
#include "go-outgoing.h"
#include "go-pgx.h"
#include "go-redis.h"
#include "go-routers.h"
#include "go-rpc.h"
#include "go-sql.h"
