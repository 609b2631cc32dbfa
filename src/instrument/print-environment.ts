export const environmentFormats = ["shell", "docker", "compose", "json"] as const;
export type EnvironmentFormat = (typeof environmentFormats)[number];

export function isEnvironmentFormat(text: string): text is EnvironmentFormat {
  return (environmentFormats as readonly string[]).includes(text);
}

/**
 * Variables as lines of a shell script, a Dockerfile, a compose file or as JSON, ending in a line break. `notes` become comments
 * (JSON has none). Values are quoted so that each format gives them back unchanged.
 */
export function printEnvironment(
  variables: Readonly<Record<string, string>>,
  format: EnvironmentFormat,
  notes: readonly string[] = [],
): string {
  const entries = Object.entries(variables);
  const comments = notes.map((note) => `# ${note}`);
  switch (format) {
    case "json":
      return `${JSON.stringify(variables, undefined, 2)}\n`;
    case "shell":
      return lines([...comments, ...entries.map(([name, value]) => `export ${name}=${shellQuoted(value)}`)]);
    case "docker":
      return lines([...comments, ...entries.map(([name, value]) => `ENV ${name}=${dockerQuoted(value)}`)]);
    case "compose":
      return lines([
        ...comments,
        "environment:",
        ...entries.map(([name, value]) => `  ${name}: ${composeQuoted(value)}`),
      ]);
  }
}

function lines(all: readonly string[]): string {
  return all.map((line) => `${line}\n`).join("");
}

function shellQuoted(value: string): string {
  return /^[\w@%+=:,./-]+$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`;
}

/** Dockerfile: double quotes, with backslash before quotes, backslashes and dollars. */
function dockerQuoted(value: string): string {
  return `"${value.replace(/["\\$]/g, "\\$&")}"`;
}

/** Compose: a YAML string in double quotes; a dollar is doubled, else it would be substituted. */
function composeQuoted(value: string): string {
  return JSON.stringify(value).replaceAll("$", "$$$$");
}
