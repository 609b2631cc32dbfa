import type { OperationSummary, SpanKindName } from "../../../traces.ts";
import type { ReadContext, TimeWindow } from "../../../window.ts";
import type { ClickHouseClient } from "../../client/client.ts";
import { read } from "../query/read.ts";
import { stepsOf } from "../query/steps.ts";
import { redAt, redQuery } from "../span-source/red.ts";
import { chooseSource } from "../span-source/choose-source.ts";
import { sql } from "../sql/ast.ts";

const maxOperations = 1000;

export async function readOperations(
  client: ClickHouseClient,
  window: TimeWindow,
  service: string | undefined,
  stepCount: number,
  context: ReadContext,
): Promise<{ items: OperationSummary[]; truncated: boolean }> {
  const steps = stepsOf(window, stepCount);
  const keys = { Service: sql`ServiceName`, Name: sql`SpanName`, Kind: sql`SpanKind` };
  const filter = { window, ...(service === undefined ? {} : { service }) };
  const source = await chooseSource(client, filter, { keys, steps }, context);
  const answer = await read(
    client,
    redQuery(source)
      .orderBy(sql`Calls DESC`, sql`Service`, sql`Name`)
      .limit(maxOperations + 1),
    context,
    "read operations",
  );
  const kinds = answer.strings("Kind");
  const names = answer.strings("Name");
  const items = answer.strings("Service").map((name, row) => ({
    service: name,
    name: names[row] ?? "",
    kind: (kinds[row] ?? "Unspecified") as SpanKindName,
    ...redAt(answer, row, steps),
  }));
  return { items: items.slice(0, maxOperations), truncated: items.length > maxOperations };
}
