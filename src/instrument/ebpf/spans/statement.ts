/** What is said about the text of a SQL statement; words only, no parser of any dialect. */
const operations = new Set(
  "SELECT INSERT UPDATE DELETE MERGE REPLACE CREATE ALTER DROP TRUNCATE BEGIN COMMIT ROLLBACK CALL EXPLAIN SET SHOW COPY WITH".split(
    " ",
  ),
);

/** The statement's first word in upper case when it is one of SQL; "" otherwise. */
export function operationOf(text: string): string {
  const word = /^[\s(]*([a-z]+)/i.exec(withoutComments(text))?.[1]?.toUpperCase() ?? "";
  return operations.has(word) ? word : "";
}

/** "SELECT products": the operation and the first table, few enough to group by. */
export function summaryOf(text: string): string {
  const operation = operationOf(text);
  const table =
    /\b(?:FROM|INTO|UPDATE|TABLE|JOIN)\s+(?:ONLY\s+|IF\s+(?:NOT\s+)?EXISTS\s+)?["`[]?([a-z_][\w.]*)/i.exec(
      withoutComments(text),
    )?.[1];
  return operation === "" || table === undefined ? operation : `${operation} ${table}`;
}

/** The text with "?" for strings and numbers, which may be people's data. Placeholders ($1, :name) and names stay. */
export function withoutLiterals(text: string): string {
  return text.replace(/'(?:[^']|'')*(?:'|$)|(?<![\w$:.])\d+(?:\.\d+)?(?:e[+-]?\d+)?\b/gi, "?").trim();
}

function withoutComments(text: string): string {
  return text.replace(/--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/g, " ");
}
