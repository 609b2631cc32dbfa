/** Good messages in requests that are wrong: paths, methods, types, sizes, compression, frames. */
import { deflateSync, gzipSync } from "node:zlib";
import { frame } from "../../../src/base/net/grpc-frame.ts";
import { exportPath, sendGrpc, sendGrpcWeb, sendHttp } from "../../fakes/otlp-client.ts";
import { otlpBytes, otlpJson } from "../../fakes/otlp-payload.ts";
import { outcomeOf, type Case, type Outcome } from "./case.ts";
import { http2Request } from "./raw.ts";

const good = otlpBytes("traces");
const zipped = gzipSync(good);
const mebibytes = (count: number): Buffer => Buffer.alloc(count * 1024 * 1024);
const bomb = gzipSync(mebibytes(64));
const bombInBomb = gzipSync(bomb);
/** The checksum behind the content is wrong. */
const wrongSum = Buffer.from(zipped);
wrongSum[wrongSum.length - 8] = (wrongSum[wrongSum.length - 8] ?? 0) ^ 1;

type Http = Parameters<typeof sendHttp>[2];
const http = (
  name: string,
  reason: string,
  body: Buffer | string,
  options: Http,
  protocol = "HTTP/protobuf",
): Case => ({
  protocol,
  name,
  reason,
  send: async ({ http: port }) => outcomeOf(await sendHttp(port, body, options)),
});
const encoded = (encoding: string): Http => ({ headers: { "content-encoding": encoding } });
const json = "application/json";

const httpCases: readonly Case[] = [
  http("gzip that is none", "malformed-compression", good, encoded("gzip")),
  http("gzip cut off", "malformed-compression", zipped.subarray(0, 60), encoded("gzip")),
  http("gzip with a wrong checksum", "malformed-compression", wrongSum, encoded("gzip")),
  http("gzip of nothing at all", "malformed-compression", "", encoded("gzip")),
  http("gzip inside gzip", "malformed-otlp", gzipSync(zipped), encoded("gzip")),
  http("gzip called deflate", "malformed-compression", zipped, encoded("deflate")),
  http("deflate cut off", "malformed-compression", deflateSync(good).subarray(0, 60), encoded("deflate")),
  http("zstd that is none", "malformed-compression", good, encoded("zstd")),
  http("snappy that is none", "malformed-compression", Buffer.from([0xff, 0xff, 0xff]), encoded("snappy")),
  http("snappy that declares 4 GiB", "too-large", Buffer.from("ffffffff0f00", "hex"), encoded("snappy")),
  http("an unknown compression", "unsupported-encoding", good, encoded("br")),
  http("two compressions", "unsupported-encoding", zipped, encoded("gzip, gzip")),
  http("gzip without its header", "malformed-otlp", zipped, {}),
  http("a bomb", "too-large", bomb, encoded("gzip")),
  http("a bomb in a bomb", "malformed-otlp", bombInBomb, encoded("gzip")),
  http("21 MiB", "too-large", mebibytes(21), {}),
  http("21 MiB", "too-large", mebibytes(21), { type: json }, "HTTP/JSON"),
  http("a bomb", "too-large", bomb, { type: json, ...encoded("gzip") }, "HTTP/JSON"),
  http("no content type", "content-type", good, { type: "" }),
  http("content type text/plain", "content-type", good, { type: "text/plain" }),
  http("content type of a form", "content-type", good, { type: "multipart/form-data; boundary=x" }),
  http("content type application/protobuf", "content-type", good, { type: "application/protobuf" }),
  http("JSON called protobuf", "malformed-otlp", otlpJson.traces, {}),
  http("the path twice", "unknown-path", good, { path: "/v1/traces/v1/traces" }),
  http("the path of no signal", "unknown-path", good, { path: "/v1/spans" }),
  http("a slash behind the path", "unknown-path", good, { path: "/v1/traces/" }),
  http("the path in capitals", "unknown-path", good, { path: "/V1/TRACES" }),
  http("the path with %74", "unknown-path", good, { path: "/v1/%74races" }),
  http("the root", "unknown-path", good, { path: "/" }),
  http("GET", "", "", { method: "GET" }),
  http("PUT", "", good, { method: "PUT" }),
  http("DELETE", "", good, { method: "DELETE" }),
];

const web = (
  name: string,
  reason: string,
  body: Buffer,
  options: Parameters<typeof sendGrpcWeb>[2],
): Case => ({
  protocol: "gRPC-web",
  name,
  reason,
  send: async ({ http: port }) => outcomeOf(await sendGrpcWeb(port, body, options)),
});

const webCases: readonly Case[] = [
  web("no frame", "malformed-frame", Buffer.alloc(0), { raw: true }),
  web("a frame's head cut off", "malformed-frame", Buffer.from([0, 0, 0]), { raw: true }),
  web("a frame cut off", "malformed-frame", Buffer.from([0, 0, 0, 0, 9, 1]), { raw: true }),
  web("a frame that declares 4 GiB", "too-large", Buffer.from([0, 255, 255, 255, 255]), { raw: true }),
  web("two frames", "malformed-frame", Buffer.concat([frame(good), frame(good)]), { raw: true }),
  web("text that is no base64", "malformed-frame", good, { textBody: "%%%" }),
  web("gzip that is none", "malformed-compression", good, { compression: "gzip" }),
  web("an unknown method", "unknown-method", good, { path: `${exportPath.traces}All` }),
];

const call = (name: string, reason: string, options: Parameters<typeof sendGrpc>[2], body = good): Case => ({
  protocol: "gRPC",
  name,
  reason,
  send: async ({ grpc }) => outcomeOf(await sendGrpc(grpc, body, options)),
});

/** A call whose headers and frames are written by hand. */
const raw = (
  name: string,
  reason: string,
  body: Buffer,
  headers: Readonly<Record<string, string | number>> = {},
): Case => ({
  protocol: "gRPC",
  name,
  reason,
  send: ({ grpc }): Promise<Outcome> =>
    http2Request(
      grpc,
      { ":path": exportPath.traces, "content-type": "application/grpc", te: "trailers", ...headers },
      body,
    ),
});

const grpcCases: readonly Case[] = [
  call("gzip that is none", "malformed-compression", { compression: "gzip" }),
  call("gzip cut off", "malformed-compression", { compression: "gzip" }, zipped.subarray(0, 60)),
  call("an unknown compression", "unsupported-encoding", { compression: "lzma" }),
  call("a bomb", "too-large", { compression: "gzip" }, bomb),
  call("5 MiB", "too-large", {}, mebibytes(5)),
  call("an unknown service", "unknown-method", { path: "/a.B/Export" }),
  call("an unknown method", "unknown-method", { path: `${exportPath.traces}All` }),
  call("no method", "unknown-method", { path: "/" }),
  call("a path too long", "unknown-method", { path: `${exportPath.traces}/x` }),
  raw("no frame", "malformed-frame", Buffer.alloc(0)),
  raw("a frame's head cut off", "malformed-frame", Buffer.from([0, 0, 0])),
  raw("a frame cut off", "malformed-frame", Buffer.concat([Buffer.from([0, 0, 1, 0, 0]), good])),
  raw("a frame that declares 4 GiB", "too-large", Buffer.from([0, 255, 255, 255, 255])),
  raw("two frames", "malformed-frame", Buffer.concat([frame(good), frame(good)])),
  raw("bytes behind the frame", "malformed-frame", Buffer.concat([frame(good), Buffer.from([1])])),
  raw("compressed, without saying how", "malformed-compression", frame(zipped, 1)),
  raw("a message without a frame", "too-large", good, {}),
  raw("GET", "", frame(good), { ":method": "GET" }),
  raw("content type application/grpcx", "unknown-path", frame(good), { "content-type": "application/grpcx" }),
  raw("no content type", "unknown-path", frame(good), { "content-type": "" }),
];

export const requestCases: readonly Case[] = [...httpCases, ...webCases, ...grpcCases];
