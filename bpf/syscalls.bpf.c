/*
 * What observed processes of any language read and write on connections, taken at the entry and the return of system calls: the first chunks
 * of each, until the tracer says whether it is followed; of all others what begins an HTTP/1 message. The raw tracepoints are opened by name: neither tracefs nor kprobes are needed.
 *
 * The kernel only finds where messages begin and keeps the others quiet; messages are understood in src/instrument/ebpf/syscalls.
 */
#include "call-kinds.h"
#include "http-head.h"
#include "observed.h"
#include "send.h"
#include "awaited.h"
#include "frames.h"
#include "served.h"
#include "asked.h"
#include "call-start.h"
#include "call-end.h"
#include "serving.h"
#include "tls.h"
