import { deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { seededRandom } from "../random.ts";
import { compress, decompress } from "./compression.ts";

const text = Buffer.from("telemetry ".repeat(50_000));
const noise = Buffer.from(seededRandom(3).bytes(200_000));
const limits = { maxBytes: 1_000_000 };

/** Made by the zstd command from "telemetry " 10 times, with its checksum. */
const zstdText = Buffer.from("KLUv/QRYjQAAUHRlbGVtZXRyeSABANepIAGQv7A/", "base64");

describe("what was compressed comes back", () => {
  const encoders: Readonly<Record<string, (bytes: Buffer) => Buffer>> = {
    gzip: (bytes) => gzipSync(bytes),
    "x-gzip": (bytes) => gzipSync(bytes, { level: 1 }),
    deflate: (bytes) => deflateSync(bytes),
    zlib: (bytes) => deflateSync(bytes, { level: 9 }),
    "": (bytes) => bytes,
    identity: (bytes) => bytes,
  };
  for (const [encoding, encode] of Object.entries(encoders)) {
    test.each([
      ["text", text],
      ["noise", noise],
      ["nothing", Buffer.alloc(0)],
    ])(`${encoding} of %s`, async (_, bytes) => {
      expect((await decompress(encode(bytes), encoding, limits)).equals(bytes)).toBe(true);
    });
  }

  test("deflate without its zlib header", async () => {
    expect((await decompress(deflateRawSync(text), "deflate", limits)).equals(text)).toBe(true);
  });

  test("by our own compressor", async () => {
    for (const encoding of ["gzip", "deflate", "zlib"] as const) {
      for (const bytes of [text, noise]) {
        expect((await decompress(await compress(bytes, encoding, 1), encoding, limits)).equals(bytes)).toBe(
          true,
        );
      }
    }
  });

  test("zstd", async () => {
    expect((await decompress(zstdText, "zstd", limits)).toString()).toBe("telemetry ".repeat(10));
    const twice = Buffer.concat([zstdText, zstdText]);
    expect((await decompress(twice, "zstd", limits)).toString()).toBe("telemetry ".repeat(20));
  });

  test.each([
    // 100 bytes declared; a literal of 10 bytes, then a copy of 64 and one of 26 from 10 back.
    ["block", Buffer.from([100, 0x24, ...Buffer.from("telemetry "), 0xfe, 10, 0, 0x66, 10, 0])],
    ["longer literal", Buffer.from([100, 0xf0, 99, ...Buffer.from("telemetry ".repeat(10))])],
  ])("snappy %s", async (_, bytes) => {
    expect((await decompress(bytes, "snappy", limits)).toString()).toBe("telemetry ".repeat(10));
  });

  test("snappy frames", async () => {
    const identifier = Buffer.from([0xff, 6, 0, 0, ...Buffer.from("sNaPpY")]);
    const plain = Buffer.from([0x01, 14, 0, 0, 0, 0, 0, 0, ...Buffer.from("telemetry ")]);
    const packed = Buffer.from([0x00, 16, 0, 0, 0, 0, 0, 0, 10, 0x24, ...Buffer.from("telemetry ")]);
    const padding = Buffer.from([0xfe, 3, 0, 0, 1, 2, 3]);
    const bytes = Buffer.concat([identifier, plain, padding, packed]);
    expect((await decompress(bytes, "x-snappy-framed", limits)).toString()).toBe("telemetry telemetry ");
  });
});

describe("what is too large or malformed is refused", () => {
  const zeros = Buffer.alloc(20_000_000);
  const cases: readonly (readonly [string, string, Buffer, string])[] = [
    ["gzip of too much", "gzip", gzipSync(text.subarray(0, 5000)), "body-too-large"],
    ["deflate of too much", "deflate", deflateSync(text), "body-too-large"],
    ["identity of too much", "", text, "body-too-large"],
    ["gzip bomb", "gzip", gzipSync(zeros), "body-too-large"],
    [
      "zstd that declares too much",
      "zstd",
      Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0xa0, 0xff, 0xff, 0xff, 0x7f, 1, 0, 0]),
      "body-too-large",
    ],
    [
      "zstd with a window of 1 GiB",
      "zstd",
      Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xa0, 1, 0, 0]),
      "malformed-compression",
    ],
    ["zstd of repeated blocks", "zstd", repeatedBlocks(100), "body-too-large"],
    ["zstd cut off", "zstd", zstdText.subarray(0, 15), "malformed-compression"],
    ["no zstd", "zstd", text.subarray(0, 100), "malformed-compression"],
    ["snappy that declares too much", "snappy", Buffer.from([0xff, 0xff, 0xff, 0x7f]), "body-too-large"],
    [
      "snappy that declares more than it can hold",
      "snappy",
      Buffer.from([0xe8, 0x07, 0]),
      "malformed-compression",
    ],
    [
      "snappy that looks behind its start",
      "snappy",
      Buffer.from([8, 0x0c, 1, 2, 3, 4, 0x01, 200]),
      "malformed-compression",
    ],
    ["snappy cut off", "snappy", Buffer.from([100, 0x24, 1]), "malformed-compression"],
    ["no gzip", "gzip", text.subarray(0, 100), "malformed-compression"],
    ["gzip cut off", "gzip", gzipSync(text.subarray(0, 900)).subarray(0, -3), "malformed-compression"],
    ["unknown", "br", Buffer.alloc(1), "unsupported-encoding"],
  ];
  test.each(cases)("%s", async (_, encoding, bytes, code) => {
    await expect(decompress(bytes, encoding, { maxBytes: 1000 })).rejects.toMatchObject({
      code,
      outcome: "permanent",
    });
  });

  test("random bytes are never more than an error", async () => {
    const random = seededRandom(7);
    for (let round = 0; round < 3000; round++) {
      const encoding = ["gzip", "deflate", "zstd", "snappy"][round % 4] ?? "";
      const bytes = Buffer.from(random.bytes(1 + Math.floor(random.next() * 60)));
      if (encoding === "zstd") bytes.set([0x28, 0xb5, 0x2f, 0xfd].slice(0, bytes.length));
      await decompress(bytes, encoding, { maxBytes: 10_000 }).then(
        (result) => expect(result.length).toBeLessThanOrEqual(10_000),
        (error: unknown) => expect(error).toHaveProperty("outcome", "permanent"),
      );
    }
  });
});

/** A frame without content size whose blocks say: 128 KiB of one byte each. */
function repeatedBlocks(count: number): Buffer {
  const size = 128 * 1024;
  const block = (last: number): number[] => {
    const header = (size << 3) | (1 << 1) | last;
    return [header & 255, (header >> 8) & 255, (header >> 16) & 255, 65];
  };
  const blocks = Array.from({ length: count }, (_, index) => block(index === count - 1 ? 1 : 0)).flat();
  return Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x38, ...blocks]);
}
