/** Saved views over HTTP: the one part of the API that changes something. */
import type { Clock } from "../../base/clock.ts";
import { OtelierError } from "../../base/error.ts";
import { jsonResponse, type HttpRequest, type HttpResponse } from "../../base/net/http-message.ts";
import type { SavedView, SavedViews } from "../../storage/saved-views.ts";
import type { ErrorAnswer, ViewsAnswer } from "./wire.ts";

const path = "/api/views";
const maxAddressBytes = 16 * 1024;

/** Answers /api/views and /api/views/{name}; undefined for any other path. */
export async function answerViews(
  request: HttpRequest,
  views: SavedViews,
  clock: Clock,
  tenant: string,
): Promise<HttpResponse | undefined> {
  if (request.path === path) {
    if (request.method !== "GET") return notAllowed(request, "GET");
    return jsonResponse({ views: await views.list(tenant) } satisfies ViewsAnswer, 200, {
      "cache-control": "no-store",
    });
  }
  if (!request.path.startsWith(`${path}/`)) return undefined;
  const name = nameOf(request.path.slice(path.length + 1));
  switch (request.method) {
    case "PUT": {
      const address = (await request.readBody({ maxBytes: maxAddressBytes })).toString("utf8").trim();
      const view: SavedView = { name, address, savedMs: clock.now() };
      await views.save(tenant, view);
      return jsonResponse(view);
    }
    case "DELETE":
      if (await views.remove(tenant, name))
        return jsonResponse({ views: await views.list(tenant) } satisfies ViewsAnswer);
      return jsonResponse(
        { error: { code: "not-found", message: `there is no view "${name}"` } } satisfies ErrorAnswer,
        404,
      );
    default:
      return notAllowed(request, "PUT, DELETE");
  }
}

function nameOf(word: string): string {
  try {
    return decodeURIComponent(word);
  } catch {
    throw new OtelierError(`cannot read the name of the view: "${word}" is no URL text`, {
      code: "bad-parameter",
      outcome: "permanent",
    });
  }
}

function notAllowed(request: HttpRequest, allow: string): HttpResponse {
  const message = `${request.path} takes ${allow} only`;
  return jsonResponse({ error: { code: "method-not-allowed", message } } satisfies ErrorAnswer, 405, {
    allow,
  });
}
