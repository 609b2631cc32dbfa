/** Bounds of one server, so that no client can make it hold memory or connections without end. */
export interface HttpLimits {
  /** All headers of a request together, in bytes. */
  readonly maxHeaderBytes: number;
  /** Open connections; further ones are closed at once. */
  readonly maxConnections: number;
  /** Requests at a time on one HTTP/2 connection. */
  readonly maxStreams: number;
  /** From the connection, or the first byte of a request, until its headers are complete. */
  readonly headerTimeoutMs: number;
  /** For the whole body, unless the reader says otherwise. */
  readonly bodyTimeoutMs: number;
  /** A connection without any request on it; 0 keeps it for ever. */
  readonly idleTimeoutMs: number;
  /** Largest HTTP/2 connection age, after which the client is asked to connect anew; 0 never. */
  readonly maxConnectionAgeMs: number;
  /** An HTTP/2 client that says nothing for so long is pinged, and cut when it does not answer in time. */
  readonly pingAfterMs: number;
  readonly pingTimeoutMs: number;
  /** Bodies being read or worked on, all together, in bytes. */
  readonly maxBufferedBytes: number;
  readonly keepAlive: boolean;
}

/** Header and idle times as the Collector's (config/confighttp, NewDefaultServerConfig), pings as grpc-go's; the others are ours. */
export const defaultHttpLimits: HttpLimits = {
  maxHeaderBytes: 32 * 1024,
  maxConnections: 4096,
  maxStreams: 256,
  headerTimeoutMs: 60_000,
  bodyTimeoutMs: 60_000,
  idleTimeoutMs: 60_000,
  maxConnectionAgeMs: 0,
  pingAfterMs: 2 * 3_600_000,
  pingTimeoutMs: 20_000,
  maxBufferedBytes: 128 * 1024 * 1024,
  keepAlive: true,
};
