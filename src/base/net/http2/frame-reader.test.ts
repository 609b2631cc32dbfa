import { describe, expect, it } from "vitest";
import { FrameReader, type FrameSink } from "./frame-reader.ts";
import { frame } from "./protocol.ts";

/** What a reader tells, DATA joined again. */
class Record implements FrameSink {
  readonly lines: string[] = [];
  #content = "";

  onHead(type: number, flags: number, stream: number, length: number): void {
    this.lines.push(`head ${type} ${flags} ${stream} ${length}`);
  }

  onData(_stream: number, bytes: Buffer): void {
    this.#content += bytes.toString();
  }

  onDataEnd(stream: number, endStream: boolean, padding: number): void {
    this.lines.push(`data ${stream} "${this.#content}" ${endStream ? "end" : "more"} ${padding}`);
    this.#content = "";
  }

  onFrame(type: number, flags: number, stream: number, payload: Buffer): void {
    this.lines.push(`frame ${type} ${flags} ${stream} "${payload.toString()}"`);
  }
}

const bytes = Buffer.concat([
  frame(4, 0, 0, Buffer.alloc(0)),
  frame(0, 0, 1, Buffer.from("hello")),
  frame(0, 9, 1, Buffer.from("\u0003abc...")),
  frame(1, 4, 3, Buffer.from("fields")),
  frame(0, 1, 3, Buffer.alloc(0)),
  frame(0, 8, 5, Buffer.from("\u0001.")),
  frame(0x77, 0xff, 0x7fffffff, Buffer.from("unknown")),
]);
const lines = [
  "head 4 0 0 0",
  'frame 4 0 0 ""',
  "head 0 0 1 5",
  'data 1 "hello" more 0',
  "head 0 9 1 7",
  'data 1 "abc" end 4',
  "head 1 4 3 6",
  'frame 1 4 3 "fields"',
  "head 0 1 3 0",
  'data 3 "" end 0',
  "head 0 8 5 2",
  'data 5 "" more 2',
  "head 119 255 2147483647 7",
  'frame 119 255 2147483647 "unknown"',
];

describe("frames are the same however the bytes are cut", () => {
  it.each([1, 2, 3, 5, 8, 9, 10, 13, 1000])("into %i at a time", (size) => {
    const record = new Record();
    const reader = new FrameReader(record, 100);
    for (let at = 0; at < bytes.length; at += size) reader.push(bytes.subarray(at, at + size));
    expect(record.lines).toEqual(lines);
  });
});

describe("refused", () => {
  it.each([
    ["a frame above the limit", frame(0, 0, 1, Buffer.alloc(101)), "a frame of 101 bytes"],
    ["padding longer than its frame", frame(0, 8, 1, Buffer.from([3, 1, 2])), "padding is too long"],
    ["padding without room for its length", frame(0, 8, 1, Buffer.alloc(0)), "no room for padding"],
  ])("%s", (_, sent, problem) => {
    expect(() => new FrameReader(new Record(), 100).push(sent)).toThrow(problem);
  });
});

describe("bytes that are not there", () => {
  const content = frame(0, 1, 1, Buffer.from("hello"));
  it.each([
    ["the rest of content", content.subarray(0, 11), 3, true],
    ["content and more behind it", content.subarray(0, 11), 4, false],
    ["the rest of another frame", frame(4, 0, 0, Buffer.alloc(6)).subarray(0, 11), 4, false],
    ["a frame", content, 1, false],
    ["padded content whose padding is not known", frame(0, 8, 1, Buffer.alloc(5)).subarray(0, 9), 2, false],
    ["nothing", content.subarray(0, 4), 0, true],
  ])("%s", (_, seen, missing, goesOn) => {
    const record = new Record();
    const reader = new FrameReader(record, 100);
    reader.push(seen);
    expect(reader.skip(missing)).toBe(goesOn);
    if (!goesOn || missing === 0) return;
    reader.push(frame(4, 0, 0, Buffer.alloc(0)));
    expect(record.lines).toEqual(["head 0 1 1 5", 'data 1 "he" end 0', "head 4 0 0 0", 'frame 4 0 0 ""']);
  });
});
