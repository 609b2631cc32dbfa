/** What the colour of a bar stands for: a code for each span, and a token with its word for each code. */
import { seriesColourCount, seriesToken } from "../../design/palette.ts";
import { serviceToken } from "../../design/service-colour.ts";
import type { SpanTree } from "./tree.ts";

export interface SpanColours {
  readonly codes: ArrayLike<number>;
  readonly tokens: readonly string[];
  /** Words of the codes, for the legend. */
  readonly words: readonly string[];
}

export function coloursByService(tree: SpanTree): SpanColours {
  const { service, services } = tree.skeleton;
  return { codes: service, tokens: services.map(serviceToken), words: services };
}

const kindWords = ["unspecified", "internal", "server", "client", "producer", "consumer"];

export function coloursByKind(tree: SpanTree): SpanColours {
  return { codes: tree.skeleton.kind, tokens: kindWords.map((_, i) => seriesToken(i)), words: kindWords };
}

export function coloursByStatus(tree: SpanTree): SpanColours {
  return {
    codes: tree.skeleton.status,
    tokens: ["--series-11", "--good", "--error-fill"],
    words: ["unset", "ok", "error"],
  };
}

/** Values of an attribute by span id, as the API gives them. */
export interface FieldColumn {
  readonly values: readonly string[];
  readonly spanIds: readonly string[];
  /** Index into `values`, as long as `spanIds`. */
  readonly value: readonly number[];
}

/** Spans without the attribute take the quiet colour, which is the last code. */
export function coloursByField(tree: SpanTree, column: FieldColumn): SpanColours {
  const none = column.values.length;
  const codeOf = new Map<string, number>();
  column.spanIds.forEach((id, i) => codeOf.set(id, column.value[i]!));
  const codes = Uint32Array.from(tree.skeleton.spanIds, (id) => codeOf.get(id) ?? none);
  return {
    codes,
    tokens: [...column.values.map((_, i) => seriesToken(i % seriesColourCount)), "--severity-trace"],
    words: [...column.values, "none"],
  };
}
