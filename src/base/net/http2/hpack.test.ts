import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { HpackDecoder } from "./hpack-decoder.ts";
import { encodeFields } from "./hpack-encoder.ts";
import { Http2Error } from "./protocol.ts";

function read(decoder: HpackDecoder, block: Buffer): string[] {
  const lines: string[] = [];
  decoder.decode(block, (name, value) => lines.push(`${name}: ${value}`));
  return lines;
}

const get = [":method: GET", ":scheme: http", ":path: /", ":authority: www.example.com"];
const getStyled = [
  ":method: GET",
  ":scheme: https",
  ":path: /index.html",
  ":authority: www.example.com",
  "custom-key: custom-value",
];

describe("the examples of RFC 7541, each on one connection", () => {
  it.each([
    [
      "C.3, plain",
      [
        "828684410f7777772e6578616d706c652e636f6d",
        "828684be58086e6f2d6361636865",
        "828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565",
      ],
    ],
    [
      "C.4, Huffman",
      [
        "828684418cf1e3c2e5f23a6ba0ab90f4ff",
        "828684be5886a8eb10649cbf",
        "828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf",
      ],
    ],
  ])("%s", (_, blocks) => {
    const decoder = new HpackDecoder();
    const answers = blocks.map((hex) => read(decoder, Buffer.from(hex, "hex")));
    expect(answers).toEqual([get, [...get, "cache-control: no-cache"], getStyled]);
  });

  it("C.5, with a table of 256 bytes, from which entries go", () => {
    const decoder = new HpackDecoder();
    const first =
      "4803333032580770726976617465611d4d6f6e2c203231204f637420323031332032303a31333a323120474d546e1768747470733a2f2f7777772e6578616d706c652e636f6d";
    const others = [
      "4803333037c1c0bf",
      "88c1611d4d6f6e2c203231204f637420323031332032303a31333a323220474d54c05a04677a69707738666f6f3d4153444a4b48514b425a584f5157454f50495541585157454f49553b206d61782d6167653d333630303b2076657273696f6e3d31",
    ];
    const answers = [`3fe101${first}`, ...others].map((hex) => read(decoder, Buffer.from(hex, "hex")));
    expect(answers[1]).toEqual([
      ":status: 307",
      "cache-control: private",
      "date: Mon, 21 Oct 2013 20:13:21 GMT",
      "location: https://www.example.com",
    ]);
    expect(answers[2]).toEqual([
      ":status: 200",
      "cache-control: private",
      "date: Mon, 21 Oct 2013 20:13:22 GMT",
      "location: https://www.example.com",
      "content-encoding: gzip",
      "set-cookie: foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1",
    ]);
    // The table holds the newest three only.
    expect(read(decoder, Buffer.from("bebfc0", "hex"))[2]).toBe("date: Mon, 21 Oct 2013 20:13:22 GMT");
    expect(() => read(decoder, Buffer.from("c1", "hex"))).toThrow("cannot read headers: index 65");
  });
});

describe("a block that is refused", () => {
  it.each([
    ["cut off within a text", "400a6375", "text that is cut off"],
    ["cut off within a number", "7fff", "a block that is cut off"],
    ["a number beyond 32 bits", "7fffffffffff0f", "a number that is too large"],
    ["an index of 0", "80", "index 0"],
    ["an index beyond the table", "be", "index 62"],
    ["a table larger than allowed", "3fe21f82", "a change of the table's size"],
    ["a table resized behind a field", "8220", "a change of the table's size"],
    ["Huffman padding of zeros", "0001618118", "no Huffman code"],
    ["Huffman padding of a whole byte", "00016182ffff", "no Huffman code"],
    ["an end within Huffman text", "00016184ffffffff", "no Huffman code"],
  ])("%s", (_, hex, problem) => {
    expect(() => read(new HpackDecoder(), Buffer.from(hex, "hex"))).toThrow(problem);
  });

  it("whatever the bytes, with nothing but an error of the connection", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 4 }), (blocks) => {
        const decoder = new HpackDecoder();
        try {
          for (const block of blocks) read(decoder, Buffer.from(block));
        } catch (error) {
          expect(error).toBeInstanceOf(Http2Error);
        }
      }),
    );
  });
});

describe("what is written", () => {
  const latin1 = fc.string({
    unit: fc.integer({ min: 0x20, max: 0xff }).map((code) => String.fromCharCode(code)),
    maxLength: 300,
  });

  it("can be read", () => {
    const fields = fc.dictionary(fc.stringMatching(/^[a-z-]{1,200}$/), latin1);
    fc.assert(
      fc.property(fields, (given) => {
        expect(read(new HpackDecoder(), encodeFields(given))).toEqual(
          Object.entries(given).map(([name, value]) => `${name}: ${value}`),
        );
      }),
    );
  });

  it.each([
    ["a field of the static table", { ":status": 200 }, "2088"],
    ["a known name", { ":status": 429 }, "200803343239"],
    ["a name of its own", { te: "x" }, "20000274650178"],
    ["a secret, never to be remembered", { authorization: "x" }, "201f080178"],
    ["a list", { "set-cookie": ["a", "b"] }, "201f2801611f280162"],
  ])("%s", (_, fields, hex) => {
    expect(encodeFields(fields).toString("hex")).toBe(hex);
  });
});
