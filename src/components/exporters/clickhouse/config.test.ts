import { describe, expect, it } from "vitest";
import { yamlNode } from "../../../../test/fakes/config-node.ts";
import { decodeSection } from "../../../pipeline/settings/decode.ts";
import { checkClickHouse, clickHouseConfig } from "./config.ts";

const path = "exporters::clickhouse";

function problems(text: string): readonly string[] {
  const node = yamlNode(text);
  const { value, diagnostics } = decodeSection(clickHouseConfig, node, path);
  return [...diagnostics, ...checkClickHouse(value, node, path)].map(
    ({ severity, message, hint }) => `${severity}: ${message}${hint === undefined ? "" : ` (${hint})`}`,
  );
}

describe("configuration", () => {
  it.each(["{}", "endpoint: http://ch:8123", "endpoint: https://user:pw@ch/otel", "ttl: 72h"])(
    "%s",
    (text) => {
      expect(problems(text)).toEqual([]);
    },
  );

  it("has neither queue nor retry unless they are written", () => {
    const { value } = decodeSection(clickHouseConfig, yamlNode("{}"), path);
    expect(value.sending_queue).toBeUndefined();
    expect(value.retry_on_failure).toBeUndefined();
  });

  it.each([
    [
      "endpoint: tcp://ch:9000?dial_timeout=10s",
      /^error: .*cannot use "tcp:\/\/ch:9000".*\(.*http:\/\/ch:8123\)$/,
    ],
    ["ttl: -1h", /^error: exporters::clickhouse: 'ttl' must be non-negative$/],
    [
      "sending_queue:\n  queue_size: 10",
      /^warning: exporters::clickhouse::sending_queue: senders are answered before/,
    ],
    ["async_insert: true", /^warning: .*async_insert/],
    ["traces_table_name: spans", /^warning: .*traces_table_name/],
  ])("%s", (text, wanted) => {
    expect(problems(text)).toEqual([expect.stringMatching(wanted)]);
  });
});
