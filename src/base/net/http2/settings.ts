import { ErrorCode, frame, FrameType, Http2Error, maxWindow, Setting } from "./protocol.ts";

/** What the other side asked of us, as far as it matters to a sender without a header table. */
export interface PeerSettings {
  readonly initialWindow: number;
  readonly maxFrameBytes: number;
  /** undefined: it did not say. */
  readonly maxStreams: number | undefined;
}

export interface OwnSettings {
  readonly streamWindow: number;
  readonly maxFrameBytes: number;
  readonly maxHeaderBytes: number;
  readonly maxStreams: number | undefined;
}

const smallestFrameLimit: number = 2 ** 14;
const largestFrameLimit: number = 2 ** 24 - 1;

/** Reads the payload of a SETTINGS frame (a multiple of 6 bytes) over what was known. Throws `Http2Error`. */
export function readSettings(payload: Buffer, known: PeerSettings): PeerSettings {
  let { initialWindow, maxFrameBytes, maxStreams } = known;
  for (let at = 0; at < payload.length; at += 6) {
    const value = payload.readUInt32BE(at + 2);
    switch (payload.readUInt16BE(at)) {
      case Setting.enablePush:
        if (value > 1) throw new Http2Error(ErrorCode.protocolError, "invalid ENABLE_PUSH");
        break;
      case Setting.maxConcurrentStreams:
        maxStreams = value;
        break;
      case Setting.initialWindowSize:
        if (value > maxWindow) throw new Http2Error(ErrorCode.flowControlError, "window too large");
        initialWindow = value;
        break;
      case Setting.maxFrameSize:
        if (value < smallestFrameLimit || value > largestFrameLimit)
          throw new Http2Error(ErrorCode.protocolError, "invalid MAX_FRAME_SIZE");
        maxFrameBytes = value;
        break;
      default:
    }
  }
  return { initialWindow, maxFrameBytes, maxStreams };
}

export function settingsFrame(own: OwnSettings): Buffer {
  const list: [id: number, value: number][] = [
    [Setting.enablePush, 0],
    [Setting.initialWindowSize, own.streamWindow],
    [Setting.maxFrameSize, own.maxFrameBytes],
    [Setting.maxHeaderListSize, own.maxHeaderBytes],
  ];
  if (own.maxStreams !== undefined) list.push([Setting.maxConcurrentStreams, own.maxStreams]);
  const payload = Buffer.alloc(list.length * 6);
  list.forEach(([id, value], index) => {
    payload.writeUInt16BE(id, index * 6);
    payload.writeUInt32BE(value, index * 6 + 2);
  });
  return frame(FrameType.settings, 0, 0, payload);
}
