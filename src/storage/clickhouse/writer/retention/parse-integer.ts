/** An integer as ClickHouse's JSON gives it: a number, or text when it has 64 bits. */
export function parseInteger(value: unknown): number {
  return typeof value === "number" ? value : Number(value);
}
