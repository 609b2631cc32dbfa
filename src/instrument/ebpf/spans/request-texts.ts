import { httpRooms, recordBytes } from "./record.ts";
import { uint16At } from "./words.ts";

const [methodRoom, hostRoom, pathRoom, queryRoom, peerRoom, routeRoom] = httpRooms;
const [percent, dot, colon, questionMark, bracket, closing] = [0x25, 0x2e, 0x3a, 0x3f, 0x5b, 0x5d];

/** Where the texts of one request to a server stand in its record (bpf/span.h): offsets in the bytes, ends exclusive. One object serves all records. */
export class RequestTexts {
  peerAt = 0;
  /** Of the peer's port; where the peer ends when there is none. */
  portAt = 0;
  methodAt = 0;
  methodEnd = 0;
  pathAt = 0;
  pathEnd = 0;
  queryAt = 0;
  hostAt = 0;
  routeAt = 0;
  routeEnd = 0;

  /** Returns false where a text is not plain: cut, not ASCII, with escapes, a peer that is no address with its port. */
  find(bytes: Buffer, begin: number, stop: number): boolean {
    const isLine = bytes[begin + recordBytes.line] !== 0;
    this.peerAt = begin + recordBytes.head;
    this.methodAt = this.peerAt + Math.min(uint16At(bytes, begin + 72), peerRoom);
    this.methodEnd = this.methodAt + Math.min(uint16At(bytes, begin + 64), methodRoom);
    this.pathAt = this.methodEnd + (isLine ? 1 : 0);
    this.pathEnd = this.pathAt + Math.min(uint16At(bytes, begin + 68), pathRoom);
    this.queryAt = this.pathEnd;
    this.hostAt = this.queryAt + Math.min(uint16At(bytes, begin + 70), queryRoom);
    this.routeAt = this.hostAt + Math.min(uint16At(bytes, begin + 66), hostRoom);
    this.routeEnd = this.routeAt + Math.min(uint16At(bytes, begin + 74), routeRoom);
    if (this.routeEnd > stop) return false;
    if (isLine && !this.splitTarget(bytes)) return false;
    if (!isPlain(bytes, this.peerAt, this.methodAt) || !isPlain(bytes, this.pathAt, this.hostAt))
      return false;
    this.portAt = portIn(bytes, this.peerAt, this.methodAt);
    return this.portAt !== -1;
  }

  /** What a request line asks for is path and query. */
  private splitTarget(bytes: Buffer): boolean {
    for (let at = this.pathAt; at < this.hostAt; at++) {
      if (bytes[at] === percent) return false;
      if (bytes[at] !== questionMark) continue;
      this.pathEnd = at;
      this.queryAt = at + 1;
      return true;
    }
    return true;
  }
}

/** Whether all of it is ASCII, which needs no look at whether it is whole UTF-8. */
function isPlain(bytes: Buffer, begin: number, stop: number): boolean {
  for (let at = begin; at < stop; at++) if (bytes[at]! >= 0x80) return false;
  return true;
}

/** Where the port of "host:port" or "[host]:port" begins; `stop` for nothing at all, -1 for what is otherwise. */
function portIn(bytes: Buffer, begin: number, stop: number): number {
  if (begin === stop) return stop;
  let at = stop;
  while (at > begin && bytes[at - 1]! >= 0x30 && bytes[at - 1]! <= 0x39) at--;
  const end = at - 1;
  if (at === stop || stop - at > 5 || end <= begin || bytes[end] !== colon) return -1;
  if (bytes[begin] === bracket && bytes[end - 1] === closing && end - begin > 2) return at;
  for (let place = begin; place < end; place++) if (bytes[place]! < dot || bytes[place]! >= colon) return -1;
  return at;
}
