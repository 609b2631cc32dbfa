import { expect, it } from "vitest";
import { csvOf, fileNameOf, jsonOf } from "./export-text.ts";

const table = {
  columns: ["Time", "a, b", "a, b"],
  rows: [
    ["2026-11-27T00:00:00.000Z", 1.5, null],
    ['say "no"', -2, "=HYPERLINK(1)"],
  ],
};

it("writes CSV that spreadsheets read and do not run", () => {
  expect(csvOf(table)).toBe(
    'Time,"a, b","a, b"\r\n2026-11-27T00:00:00.000Z,1.5,\r\n"say ""no""",-2,\'=HYPERLINK(1)\r\n',
  );
});

it("writes one JSON object a row and loses no column", () => {
  expect(JSON.parse(jsonOf(table))).toEqual([
    { Time: "2026-11-27T00:00:00.000Z", "a, b": 1.5, "a, b (3)": null },
    { Time: 'say "no"', "a, b": -2, "a, b (3)": "=HYPERLINK(1)" },
  ]);
});

it.each([
  ["Log records by severity", "log-records-by-severity"],
  ["http.server.duration, p95", "http.server.duration-p95"],
  ["../etc", "etc"],
  ["::", "chart"],
])("names the file of %j", (title, name) => {
  expect(fileNameOf(title)).toBe(name);
});
