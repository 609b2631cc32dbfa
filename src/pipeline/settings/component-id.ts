/** `type[/name]`, as "otlp" or "otlp/2". Compared by its text. */
export interface ComponentId {
  readonly type: string;
  /** '' without a name. */
  readonly name: string;
}

export function printComponentId(id: ComponentId): string {
  return id.name === "" ? id.type : `${id.type}/${id.name}`;
}

/** Reads an id; the text of the problem when it is none (wording: opentelemetry-collector component/identifiable.go). */
export function parseComponentId(text: string): ComponentId | { readonly problem: string } {
  const slash = text.indexOf("/");
  const type = (slash === -1 ? text : text.slice(0, slash)).trim();
  const name = slash === -1 ? "" : text.slice(slash + 1).trim();
  if (text.trim() === "") return { problem: "id must not be empty" };
  if (type === "") return { problem: `in "${text}" id: the part before / should not be empty` };
  if (slash !== -1 && name === "")
    return { problem: `in "${text}" id: the part after / should not be empty` };
  if (!/^[a-zA-Z][0-9a-zA-Z_]{0,62}$/.test(type)) {
    return { problem: `in "${text}" id: invalid character(s) in type "${type}"` };
  }
  return { type, name };
}
