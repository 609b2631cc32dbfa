import { sql, type Expression } from "../sql/ast.ts";

/** Requests count once: where they enter a service, or where a trace begins. */
export const entrySpan: Expression = sql`(SpanKind IN ('Server', 'Consumer') OR ParentSpanId = '')`;
