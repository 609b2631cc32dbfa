/** Lists names as Go prints a slice: "[nop otlp]". */
export function goList(names: readonly string[]): string {
  return `[${names.join(" ")}]`;
}

/** "traces", "traces/edge". */
export function pipelineName(pipeline: { readonly signal: string; readonly name: string }): string {
  return pipeline.name === "" ? pipeline.signal : `${pipeline.signal}/${pipeline.name}`;
}
