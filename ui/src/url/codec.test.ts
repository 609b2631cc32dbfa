import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { codec, list, oneOf, parseQuery, printQuery, text, whole, type RawQuery } from "./codec.ts";
import { pages } from "./pages.ts";

interface Sample {
  readonly service: string;
  readonly attr: readonly string[];
  readonly order: "newest" | "slowest";
  readonly limit: number;
}
const sample = codec<Sample>({
  service: text(),
  attr: list(),
  order: oneOf(["newest", "slowest"], "newest"),
  limit: whole(100, { min: 1, max: 1000 }),
});

describe("parse", () => {
  it.each([
    ["", { service: "", attr: [], order: "newest", limit: 100 }],
    ["?service=shop&order=slowest", { service: "shop", attr: [], order: "slowest", limit: 100 }],
    ["?attr=a%3Db&attr=c", { service: "", attr: ["a=b", "c"], order: "newest", limit: 100 }],
    ["?order=fastest&limit=many", { service: "", attr: [], order: "newest", limit: 100 }],
    ["?limit=5000", { service: "", attr: [], order: "newest", limit: 1000 }],
    ["?limit=0", { service: "", attr: [], order: "newest", limit: 1 }],
    ["?service=a&service=b", { service: "a", attr: [], order: "newest", limit: 100 }],
  ])("%s", (search, wanted) => {
    expect(sample.parse(parseQuery(search))).toEqual(wanted);
  });
});

describe("print", () => {
  it("leaves out what is at its fallback", () => {
    expect(printQuery(sample.print({ service: "", attr: [], order: "newest", limit: 100 }))).toBe("");
    expect(printQuery(sample.print({ service: "a b", attr: ["k=v&w"] }))).toBe("?service=a+b&attr=k%3Dv%26w");
  });

  it("gives back any state", () => {
    const state = fc.record({
      service: fc.string(),
      attr: fc.array(fc.string({ minLength: 1 })),
      order: fc.constantFrom("newest" as const, "slowest" as const),
      limit: fc.integer({ min: 1, max: 1000 }),
    });
    fc.assert(
      fc.property(state, (value) => {
        expect(sample.parse(parseQuery(printQuery(sample.print(value))))).toEqual(value);
      }),
    );
  });

  it("takes any name as a key", () => {
    expect(printQuery(parseQuery("?constructor=1&toString=2&toString=3"))).toBe(
      "?constructor=1&toString=2&toString=3",
    );
  });

  it.each(Object.entries(pages))("is stable for any address of %s", (_name, page) => {
    const restate = (query: RawQuery): RawQuery => page.codec.print(page.codec.parse(query));
    fc.assert(
      fc.property(fc.webQueryParameters(), (query) => {
        const once = restate(parseQuery(query));
        expect(restate(once)).toEqual(once);
      }),
    );
  });
});
