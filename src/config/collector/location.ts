/** Where configuration comes from: "file:a.yaml", "env:NAME", "yaml:a::b: c", "https://...". */
export interface Location {
  readonly scheme: string;
  readonly value: string;
}

const schemes = ["env", "file", "http", "https", "yaml"] as const;

/**
 * Reads a location; the text of the problem when it is none (core confmap/resolver.go, newLocation). `defaultScheme` is for text without a
 * scheme: "env" inside `${...}`, "file" on the command line. A one-letter scheme is a Windows drive, hence a path.
 */
export function parseLocation(
  text: string,
  defaultScheme: "env" | "file",
): Location | { readonly problem: string } {
  const match = /^([A-Za-z][A-Za-z0-9+.-]+):(.*)$/s.exec(text);
  if (match === null) {
    if (defaultScheme === "env" && text.includes(":")) return { problem: `invalid uri: "${text}"` };
    return { scheme: defaultScheme, value: text };
  }
  const scheme = match[1] ?? "";
  const value = match[2] ?? "";
  if (!schemes.some((known) => known === scheme)) {
    return { problem: `scheme "${scheme}" is not supported for uri "${text}"` };
  }
  return { scheme, value };
}

export function printLocation(location: Location): string {
  return `${location.scheme}:${location.value}`;
}
