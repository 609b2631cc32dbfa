import { expect, it } from "vitest";
import { readableBody } from "./body.ts";

it.each([
  ["plain text", "plain text"],
  ["{not json}", "{not json}"],
  ["[12:00] started", "[12:00] started"],
  ['{"a":1,"b":[true,"x, y"],"c":{}}', '{\n  "a": 1,\n  "b": [\n    true,\n    "x, y"\n  ],\n  "c": {}\n}'],
  ['{"id":9007199254740993}', '{\n  "id": 9007199254740993\n}'],
  ['{"quote":"\\"{"}', '{\n  "quote": "\\"{"\n}'],
])("shows %j", (body, shown) => {
  expect(readableBody(body)).toBe(shown);
});
