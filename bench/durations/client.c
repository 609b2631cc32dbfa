/*
 * A client that hardly computes: asks a server on this host for one thing after the other, over one connection or over one for each request, and measures.
 *
 *   client PORT keep|each sleep|spin     standard input: METHOD PATH; standard output, a line a request: STATUS OPENED_NS BEGUN_NS ENDED_NS
 *
 * CLOCK_MONOTONIC before the connection is opened (0 when it was open), before the request is written, and when the last byte of the answer is read.
 * One that sleeps is woken for the answer, which takes time; one that spins asks for it all the while.
 */
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define REQUESTS 65536
#define LINE 256

struct measured {
	long status, opened_ns, begun_ns, ended_ns;
};

static char lines[REQUESTS][LINE];
static struct measured all[REQUESTS];

static long now_ns(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000L + now.tv_nsec;
}

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static int flags;

static int open_connection(int port)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = { htonl(INADDR_LOOPBACK) } };
	int connection = socket(AF_INET, SOCK_STREAM, 0);
	if (connection < 0 || connect(connection, (struct sockaddr *)&to, sizeof(to)))
		fail("cannot connect");
	return connection;
}

/* Bytes of the answer, head and body; 0 while its head is not complete. */
static size_t answer_size(const char *answer)
{
	const char *end = strstr(answer, "\r\n\r\n");
	if (!end)
		return 0;
	for (const char *line = answer; line < end; line = strstr(line, "\r\n") + 2)
		if (!strncasecmp(line, "content-length:", 15))
			return (size_t)(end + 4 - answer) + strtoul(line + 15, 0, 10);
	fputs("the answer has no Content-Length\n", stderr);
	exit(1);
}

/* Returns the status. */
static long read_answer(int connection)
{
	static char answer[65536];
	size_t have = 0, wanted = 0;
	while (wanted == 0 || have < wanted) {
		ssize_t more = recv(connection, answer + have, sizeof(answer) - 1 - have, flags);
		if (more < 0 && errno == EAGAIN)
			continue;
		if (more <= 0)
			fail("cannot read the answer");
		have += (size_t)more;
		answer[have] = 0;
		if (wanted == 0)
			wanted = answer_size(answer);
	}
	return strtol(answer + sizeof("HTTP/1.1"), 0, 10);
}

int main(int count, char **arguments)
{
	if (count != 4)
		return 2;
	flags = !strcmp(arguments[3], "spin") ? MSG_DONTWAIT : 0;
	int port = atoi(arguments[1]), keeps = !strcmp(arguments[2], "keep"), connection = -1, requests = 0;
	while (requests < REQUESTS && fgets(lines[requests], LINE, stdin)) {
		lines[requests][strcspn(lines[requests], "\n")] = 0;
		requests++;
	}
	for (int index = 0; index < requests; index++) {
		struct measured *at = &all[index];
		char request[LINE + 128];
		int length = snprintf(request, sizeof(request), "%s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n%s\r\n", lines[index], port,
				      keeps ? "" : "Connection: close\r\n");
		if (connection < 0) {
			at->opened_ns = now_ns();
			connection = open_connection(port);
		}
		at->begun_ns = now_ns();
		if (write(connection, request, (size_t)length) != length)
			fail("cannot write the request");
		at->status = read_answer(connection);
		at->ended_ns = now_ns();
		if (!keeps) {
			close(connection);
			connection = -1;
		}
	}
	for (int index = 0; index < requests; index++)
		printf("%ld %ld %ld %ld\n", all[index].status, all[index].opened_ns, all[index].begun_ns, all[index].ended_ns);
	return 0;
}
