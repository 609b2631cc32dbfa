import { operationOf, summaryOf } from "../../../spans/statement.ts";
import { sanitised } from "../../../spans/literals.ts";
import type { Call } from "./database.ts";

/** Says of a call which statement it executes. `text` is as the program wrote it; `cut` when it goes on. */
export function describe(call: Call, text: string, dialect: "postgresql" | "mysql", cut: boolean): void {
  const clean = sanitised(text, dialect);
  call.operation = operationOf(clean);
  call.summary = summaryOf(clean);
  call.text = cut && clean !== "" ? `${clean}...` : clean;
}
