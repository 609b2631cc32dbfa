/** Serves the built UI: hashed assets for ever, every other path the one page, whose router reads the address. */
import { readFile } from "node:fs/promises";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { headerOf, textResponse, type HttpRequest, type HttpResponse } from "../../base/net/http-message.ts";

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".ico": "image/x-icon",
  ".json": "application/json",
  ".woff2": "font/woff2",
  ".map": "application/json",
};

const pageHeaders = {
  "cache-control": "no-cache",
  "content-security-policy":
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; connect-src 'self'; frame-ancestors 'self'; base-uri 'self'; form-action 'self'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
};

interface Asset {
  readonly plain: Buffer;
  readonly zipped: Buffer;
  readonly type: string;
}

export type StaticFiles = (request: HttpRequest) => Promise<HttpResponse>;

/** `root`: folder with index.html and assets/. Files are read once and kept; there are few. */
export function createStaticFiles(root: string): StaticFiles {
  const assets = new Map<string, Promise<Asset | undefined>>();
  const load = (name: string): Promise<Asset | undefined> => {
    let asset = assets.get(name);
    if (asset === undefined) {
      asset = read(path.join(root, name));
      // Only names that exist are remembered, so that probing cannot fill memory.
      assets.set(name, asset);
      void asset.then((found) => (found === undefined ? assets.delete(name) : undefined));
    }
    return asset;
  };
  return async (request) => {
    if (request.method !== "GET" && request.method !== "HEAD")
      return textResponse("405 method not allowed\n", 405, { allow: "GET, HEAD" });
    const name = fileName(request.path);
    const asset = name === undefined ? undefined : await load(name);
    if (asset !== undefined && name !== "index.html") {
      const cache = name?.startsWith("assets/") === true ? "public, max-age=31536000, immutable" : "no-cache";
      return respond(request, asset, { "cache-control": cache, "x-content-type-options": "nosniff" });
    }
    if (path.extname(request.path) !== "" && request.path.startsWith("/assets/"))
      return textResponse("not found\n", 404);
    // Pages have one level, because the built page names its assets relatively; a deeper path would get a page that cannot start.
    if (request.path.slice(1).includes("/")) return textResponse("not found\n", 404);
    const page = await load("index.html");
    if (page === undefined) return textResponse("the UI is not built: run npm run build\n", 503);
    return respond(request, page, pageHeaders);
  };
}

/** The file a path names, relative to the root; undefined when it names none or leads out of it. */
function fileName(requestPath: string): string | undefined {
  let decoded: string;
  try {
    decoded = decodeURIComponent(requestPath);
  } catch {
    return undefined;
  }
  const normal = path.posix.normalize(decoded).replace(/^\/+/, "");
  if (
    normal.startsWith("..") ||
    normal.includes("\0") ||
    normal.includes("\\") ||
    path.extname(normal) === ""
  )
    return undefined;
  return normal;
}

async function read(file: string): Promise<Asset | undefined> {
  try {
    const plain = await readFile(file);
    return { plain, zipped: gzipSync(plain), type: types[path.extname(file)] ?? "application/octet-stream" };
  } catch {
    return undefined;
  }
}

function respond(
  request: HttpRequest,
  asset: Asset,
  headers: Readonly<Record<string, string>>,
): HttpResponse {
  const zip = (headerOf(request, "accept-encoding") ?? "").includes("gzip");
  return {
    status: 200,
    headers: {
      ...headers,
      "content-type": asset.type,
      vary: "accept-encoding",
      ...(zip ? { "content-encoding": "gzip" } : {}),
    },
    ...(request.method === "HEAD" ? {} : { body: zip ? asset.zipped : asset.plain }),
  };
}
