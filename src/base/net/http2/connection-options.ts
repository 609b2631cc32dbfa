import type { Socket } from "node:net";
import type { HeaderTable, Http2Stream } from "./stream.ts";

export interface ConnectionOptions {
  readonly socket: Socket;
  readonly isServer: boolean;
  readonly connectionWindow: number;
  readonly streamWindow: number;
  readonly maxFrameBytes: number;
  readonly maxHeaderBytes: number;
  readonly maxHeaderFields: number;
  /** Server: streams that a client may have open. */
  readonly maxStreams?: number;
  /** Server: a request's headers; the stream's events must be set before this returns. */
  readonly onStream?: (stream: Http2Stream, fields: HeaderTable) => void;
  /** A stream has closed. */
  readonly onStreamClosed?: () => void;
  /** The other side's SETTINGS, each time. */
  readonly onSettings?: () => void;
  /** The other side wants no new streams. */
  readonly onGoaway?: () => void;
  /** Once, when the socket is closed, with what broke the connection. */
  readonly onClose: (error: Error | undefined) => void;
}
