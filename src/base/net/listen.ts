import { rmSync, statSync } from "node:fs";
import { createConnection, createServer, type Server, type Socket } from "node:net";
import { messageOf, OtelierError } from "../error.ts";
import { printAddress, type ListenAddress, type TcpAddress } from "./address.ts";
import { portOwner } from "./port-owner.ts";

export interface ListenOptions {
  readonly onConnection: (socket: Socket) => void;
  readonly maxConnections: number;
  /** The option that chooses another port, named when this one is taken. */
  readonly portOption?: string;
}

export interface Listener {
  /** 0 for a Unix socket. */
  readonly port: number;
  readonly addresses: readonly ListenAddress[];
  /** Stops accepting; resolves when every connection is gone. */
  close(): Promise<void>;
}

/** Listens at an address; "localhost" is both loopback addresses with one port. Rejects with "port-busy" or "cannot-listen". */
export async function listen(address: ListenAddress, options: ListenOptions): Promise<Listener> {
  if (address.kind === "unix") return listenUnix(address.path, options);
  if (address.host.toLowerCase() !== "localhost") return listenTcp([address], options);
  const both = [
    { ...address, host: "127.0.0.1" },
    { ...address, host: "::1" },
  ];
  // With port 0 the system chooses for 127.0.0.1 alone; another program may hold that port on ::1, then another one is drawn.
  for (let attempt = 0; ; attempt++) {
    try {
      return await listenTcp(both, options);
    } catch (error) {
      const drawAgain = address.port === 0 && attempt < 10;
      if (!drawAgain || !(error instanceof OtelierError) || error.code !== "port-busy") throw error;
    }
  }
}

async function listenTcp(addresses: readonly TcpAddress[], options: ListenOptions): Promise<Listener> {
  const servers: Server[] = [];
  const bound: TcpAddress[] = [];
  let port = addresses[0]?.port ?? 0;
  try {
    for (const { host } of addresses) {
      const server = newServer(options);
      try {
        await start(server, host === "" ? { port } : { port, host });
      } catch (error) {
        const code = codeOf(error);
        const noIpv6 = code === "EADDRNOTAVAIL" || code === "EAFNOSUPPORT";
        if (host === "::1" && noIpv6 && servers.length > 0) continue;
        throw await listenError({ kind: "tcp", host, port }, error, options);
      }
      servers.push(server);
      const at = server.address();
      if (at !== null && typeof at === "object") port = at.port;
      bound.push({ kind: "tcp", host: host === "" ? "0.0.0.0" : host, port });
    }
  } catch (error) {
    for (const server of servers) server.close();
    throw error;
  }
  return { port, addresses: bound, close: () => closeAll(servers) };
}

async function listenUnix(path: string, options: ListenOptions): Promise<Listener> {
  const server = newServer(options);
  await removeStaleSocket(path);
  try {
    await start(server, { path });
  } catch (error) {
    throw await listenError({ kind: "unix", path }, error, options);
  }
  return { port: 0, addresses: [{ kind: "unix", path }], close: () => closeAll([server]) };
}

/** A socket file that nobody answers at was left behind by a crash and stands in the way of listening. */
async function removeStaleSocket(path: string): Promise<void> {
  if (statSync(path, { throwIfNoEntry: false })?.isSocket() !== true) return;
  const refused = await new Promise<boolean>((resolve) => {
    const probe = createConnection(path);
    probe.once("connect", () => {
      probe.destroy();
      resolve(false);
    });
    probe.once("error", (error) => resolve(codeOf(error) === "ECONNREFUSED"));
  });
  if (refused) rmSync(path, { force: true });
}

function newServer(options: ListenOptions): Server {
  const server = createServer({ noDelay: true, pauseOnConnect: false }, options.onConnection);
  server.maxConnections = options.maxConnections;
  return server;
}

function start(server: Server, place: { port: number; host?: string } | { path: string }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(place, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

async function closeAll(servers: readonly Server[]): Promise<void> {
  await Promise.all(
    servers.map(
      (server) =>
        new Promise<void>((resolve) => {
          server.close(() => resolve());
        }),
    ),
  );
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

async function listenError(
  address: ListenAddress,
  cause: unknown,
  options: ListenOptions,
): Promise<OtelierError> {
  const place = printAddress(address);
  const remedy = options.portOption === undefined ? "" : `; choose another with ${options.portOption}`;
  if (codeOf(cause) === "EADDRINUSE") {
    const owner = address.kind === "tcp" ? await portOwner(address.port) : undefined;
    const holder = owner === undefined ? "another program" : `"${owner.command}" (process ${owner.pid})`;
    const what = address.kind === "tcp" ? "the port" : "the socket";
    return new OtelierError(`cannot listen on ${place}: ${what} is in use by ${holder}${remedy}`, {
      code: "port-busy",
      outcome: "permanent",
      cause,
    });
  }
  const why =
    codeOf(cause) === "EACCES"
      ? "no permission (ports below 1024 need root)"
      : codeOf(cause) === "EADDRNOTAVAIL"
        ? "this machine has no such address"
        : messageOf(cause);
  return new OtelierError(`cannot listen on ${place}: ${why}${remedy}`, {
    code: "cannot-listen",
    outcome: "permanent",
    cause,
  });
}
