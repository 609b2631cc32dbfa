import { expect, it } from "vitest";
import { matchCommands, traceIdIn, type Command } from "./match.ts";

const command = (group: Command["group"], name: string, note = ""): Command => ({
  id: `${group} ${name}`,
  group,
  name,
  note,
  run: () => undefined,
});
const commands = [
  command("Page", "Traces"),
  command("Service", "storefront", "Node.js"),
  command("Metric", "http.server.request.duration"),
  command("Operation", "GET /traces"),
];

it.each([
  ["", ["Traces", "storefront", "http.server.request.duration", "GET /traces"]],
  ["tra", ["Traces", "GET /traces"]],
  ["node", ["storefront"]],
  ["request dur", ["http.server.request.duration"]],
  ["service", ["storefront"]],
  ["nothing here", []],
])("finds by %j", (text, names) => {
  expect(matchCommands(commands, text, 10).found.map(({ name }) => name)).toEqual(names);
});

it("says how many did not fit", () => {
  expect(matchCommands(commands, "", 3)).toMatchObject({ omitted: 1 });
});

const id = "0AF7651916CD43DD8448EB211C80319C";
it.each([
  [id, id.toLowerCase()],
  [` 00-${id}-b7ad6b7169203331-01`, id.toLowerCase()],
  ["0af7", undefined],
  [`${id}00`, undefined],
])("reads the trace id of %j", (text, found) => {
  expect(traceIdIn(text)).toBe(found);
});
