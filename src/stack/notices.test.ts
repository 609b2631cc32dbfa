import { expect, test } from "vitest";
import { Notices } from "./notices.ts";

test("says each message once, remembers the last hundred", () => {
  const said: string[] = [];
  const notices = new Notices((line) => said.push(line));
  notices.add("warning", "the engine stopped");
  notices.add("warning", "the engine stopped");
  expect(said).toEqual(["the engine stopped"]);
  expect(notices.list()).toEqual([{ level: "warning", message: "the engine stopped" }]);
  for (let count = 0; count < 100; count++) notices.add("info", `message ${count}`);
  expect(notices.list()).toHaveLength(100);
  expect(notices.list()[0]?.message).toBe("message 0");
  expect(said).toHaveLength(101);
});
