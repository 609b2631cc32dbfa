/** Numbers of HTTP/2 on the wire (RFC 9113, sections 4 to 7) and the error of a connection. */
export const frameHeadBytes = 9;
export const maxWindow: number = 2 ** 31 - 1;
/** Windows and frames as they are until SETTINGS say otherwise. */
export const defaultWindow = 65_535;
export const defaultFrameBytes = 16_384;
export const clientPreface: Buffer = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

export const FrameType = {
  data: 0,
  headers: 1,
  priority: 2,
  rstStream: 3,
  settings: 4,
  pushPromise: 5,
  ping: 6,
  goaway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;

export const Flag = { endStream: 1, ack: 1, endHeaders: 4, padded: 8, priority: 0x20 } as const;

export const Setting = {
  headerTableSize: 1,
  enablePush: 2,
  maxConcurrentStreams: 3,
  initialWindowSize: 4,
  maxFrameSize: 5,
  maxHeaderListSize: 6,
} as const;

export const ErrorCode = {
  noError: 0,
  protocolError: 1,
  internalError: 2,
  flowControlError: 3,
  settingsTimeout: 4,
  streamClosed: 5,
  frameSizeError: 6,
  refusedStream: 7,
  cancel: 8,
  compressionError: 9,
  connectError: 10,
  enhanceYourCalm: 11,
} as const;

const codeNames: readonly string[] = [
  "NO_ERROR",
  "PROTOCOL_ERROR",
  "INTERNAL_ERROR",
  "FLOW_CONTROL_ERROR",
  "SETTINGS_TIMEOUT",
  "STREAM_CLOSED",
  "FRAME_SIZE_ERROR",
  "REFUSED_STREAM",
  "CANCEL",
  "COMPRESSION_ERROR",
  "CONNECT_ERROR",
  "ENHANCE_YOUR_CALM",
];

/** "REFUSED_STREAM"; the number of a code that has no name. */
export function errorCodeName(code: number): string {
  return codeNames[code] ?? String(code);
}

/** What ends a whole connection; streams that fail alone are reset and no error is thrown. */
export class Http2Error extends Error {
  override readonly name = "Http2Error";
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

export function protocolError(message: string): Http2Error {
  return new Http2Error(ErrorCode.protocolError, message);
}

export function wrongSize(what: string): Http2Error {
  return new Http2Error(ErrorCode.frameSizeError, `${what} of a wrong size`);
}

/** A frame of which the payload is given; for DATA pass only its head (see `frameHead`). */
export function frame(type: number, flags: number, stream: number, payload: Uint8Array): Buffer {
  const bytes = Buffer.allocUnsafe(frameHeadBytes + payload.length);
  writeHead(bytes, payload.length, type, flags, stream);
  bytes.set(payload, frameHeadBytes);
  return bytes;
}

export function frameHead(length: number, type: number, flags: number, stream: number): Buffer {
  const bytes = Buffer.allocUnsafe(frameHeadBytes);
  writeHead(bytes, length, type, flags, stream);
  return bytes;
}

/** A frame whose payload is one 32-bit number: RST_STREAM, WINDOW_UPDATE. */
export function wordFrame(type: number, stream: number, word: number): Buffer {
  const bytes = Buffer.allocUnsafe(frameHeadBytes + 4);
  writeHead(bytes, 4, type, 0, stream);
  bytes.writeUInt32BE(word, frameHeadBytes);
  return bytes;
}

function writeHead(bytes: Buffer, length: number, type: number, flags: number, stream: number): void {
  bytes[0] = length >>> 16;
  bytes[1] = length >>> 8;
  bytes[2] = length;
  bytes[3] = type;
  bytes[4] = flags;
  bytes.writeUInt32BE(stream, 5);
}
