/** The client's side of an HTTP/2 connection: requests whose bodies are there as a whole. */
import { connect as connectSocket, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { connectionOptions, type ClientTls } from "./client-tls.ts";
import { Http2Connection } from "./http2/connection.ts";
import type { Fields } from "./http2/hpack-encoder.ts";
import { clientPreface, ErrorCode } from "./http2/protocol.ts";
import type { Http2Stream, StreamEvents } from "./http2/stream.ts";

export interface Http2ClientOptions {
  /** "host:port", or the path of a Unix socket. */
  readonly target: { readonly hostPort: string } | { readonly path: string };
  readonly tls?: ClientTls;
  /** The connection takes no further requests: it is closed, or will be when the running ones have ended. */
  readonly onGoingAway: () => void;
  readonly onClose: () => void;
}

/** Answers are small. */
const window = 1024 * 1024;
const maxHeaderBytes = 64 * 1024;
const maxHeaderFields = 256;
/** Assumed until the server says how many streams it takes. */
const streamsAtFirst = 100;

interface Waiting {
  readonly fields: Fields;
  readonly body: readonly Uint8Array[];
  readonly events: StreamEvents;
  stream: Http2Stream | undefined;
  cancelled: boolean;
}

/** What can be done with a request that was given to a connection. */
export interface ClientRequest {
  /** Ends it on both sides; `onClose` is called. */
  cancel(): void;
  /** The answer is there: whatever of the request was not sent is not needed. */
  stopSending(): void;
  consume(bytes: number): void;
}

export class Http2Client {
  readonly #connection: Http2Connection;
  readonly #waiting: Waiting[] = [];
  readonly #options: Http2ClientOptions;

  constructor(options: Http2ClientOptions) {
    this.#options = options;
    const socket = openSocket(options);
    socket.setNoDelay(true);
    this.#connection = new Http2Connection({
      socket,
      isServer: false,
      connectionWindow: window,
      streamWindow: window,
      maxFrameBytes: 16 * 1024,
      maxHeaderBytes,
      maxHeaderFields,
      onStreamClosed: () => this.#startWaiting(),
      onSettings: () => this.#startWaiting(),
      onGoaway: () => this.#leave(),
      onClose: () => {
        this.#leave();
        options.onClose();
      },
    });
    socket.on("data", (chunk: Buffer) => {
      this.#connection.receive(chunk);
      if (this.#connection.failure !== undefined) socket.destroySoon();
    });
    this.#connection.begin(clientPreface);
  }

  /** Sends a request; waits its turn when the server takes no more at a time. */
  request(fields: Fields, body: readonly Uint8Array[], events: StreamEvents): ClientRequest {
    const entry: Waiting = { fields, body, events, stream: undefined, cancelled: false };
    if (this.#mayStart()) this.#start(entry);
    else this.#waiting.push(entry);
    return {
      cancel: () => {
        if (entry.stream !== undefined) entry.stream.reset(ErrorCode.cancel);
        else if (!entry.cancelled) {
          entry.cancelled = true;
          events.onClose(ErrorCode.cancel);
        }
      },
      stopSending: () => {
        if (entry.stream?.localEnded === false) entry.stream.reset(ErrorCode.cancel);
      },
      consume: (bytes) => entry.stream?.consume(bytes),
    };
  }

  get isGoingAway(): boolean {
    return this.#connection.isGoingAway;
  }

  get isConnecting(): boolean {
    return this.#connection.socket.connecting;
  }

  /** What broke the connection. */
  get failure(): Error | undefined {
    return this.#connection.failure;
  }

  ping(onAnswer: () => void): void {
    this.#connection.ping(onAnswer);
  }

  /** Lets running requests end. */
  close(): void {
    this.#connection.close();
    this.#leave();
  }

  destroy(): void {
    this.#connection.destroy();
  }

  #mayStart(): boolean {
    return this.#connection.streams.size < (this.#connection.peer.maxStreams ?? streamsAtFirst);
  }

  #start(entry: Waiting): void {
    if (entry.cancelled) return;
    const stream = this.#connection.open(entry.fields, entry.events);
    entry.stream = stream;
    for (const piece of entry.body) stream.write(piece);
    stream.end();
  }

  #startWaiting(): void {
    if (this.#connection.isGoingAway) {
      this.#leave();
      return;
    }
    while (this.#waiting.length > 0 && this.#mayStart()) this.#start(this.#waiting.shift()!);
  }

  /** Requests that were not sent can be sent over another connection. */
  #leave(): void {
    this.#options.onGoingAway();
    for (const entry of this.#waiting.splice(0)) {
      if (entry.cancelled) continue;
      entry.cancelled = true;
      entry.events.onClose(ErrorCode.refusedStream);
    }
  }
}

function openSocket({ target, tls }: Http2ClientOptions): Socket {
  if ("path" in target && tls === undefined) return connectSocket(target.path);
  const place = "path" in target ? { path: target.path } : placeOf(target.hostPort, tls !== undefined);
  if (tls === undefined) return connectSocket(place as { host: string; port: number });
  const isAddress = "host" in place && /^[\d.]+$|:/.test(place.host);
  return connectTls({
    ...place,
    ALPNProtocols: ["h2"],
    ...("host" in place && !isAddress ? { servername: place.host } : {}),
    ...connectionOptions(tls),
  });
}

/** "[::1]:4317" or "host:4317"; without a port, that of the scheme. */
function placeOf(hostPort: string, isTls: boolean): { host: string; port: number } {
  const url = new URL(`${isTls ? "https" : "http"}://${hostPort}`);
  const port = url.port === "" ? (isTls ? 443 : 80) : Number(url.port);
  return { host: url.hostname.replace(/^\[|\]$/g, ""), port };
}
