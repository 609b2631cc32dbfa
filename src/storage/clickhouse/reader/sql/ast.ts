/**
 * SELECT statements as data. Text comes only from this program's source: a template's pieces are literals of the code, names are checked, and
 * every value from outside becomes a literal node, which `print.ts` escapes. So no input can become SQL.
 *
 *     const query = select({ n: sql`countIf(Duration > ${minimum})` }).from("otel_traces").where(sql`ServiceName = ${service}`);
 *     printSelect(query.node);
 */
export type Value = string | number | bigint | boolean;

export type Expression =
  | { readonly kind: "literal"; readonly value: Value }
  | { readonly kind: "list"; readonly items: readonly Expression[] }
  /** pieces[0] holes[0] pieces[1] ...; one piece more than holes. */
  | { readonly kind: "template"; readonly pieces: readonly string[]; readonly holes: readonly Expression[] }
  | { readonly kind: "logical"; readonly operator: "AND" | "OR"; readonly operands: readonly Expression[] }
  | { readonly kind: "subquery"; readonly select: SelectNode };

export interface SelectNode {
  readonly columns: readonly (readonly [name: string, expression: Expression])[];
  /** A table name of the schema, a subquery, or a join written as a template. */
  readonly from: string | SelectNode | Expression;
  readonly where: readonly Expression[];
  readonly groupBy: readonly Expression[];
  readonly having: readonly Expression[];
  readonly orderBy: readonly Expression[];
  readonly limit?: number;
  readonly limitBy?: { readonly count: number; readonly by: readonly Expression[] };
}

type Hole = Value | Expression | readonly Value[];

/** An expression: the template's text with expressions, or values that become literals, in its holes. A list becomes "(a, b)". */
export function sql(pieces: TemplateStringsArray, ...holes: readonly Hole[]): Expression {
  return { kind: "template", pieces, holes: holes.map(toExpression) };
}

export function literal(value: Value): Expression {
  return { kind: "literal", value };
}

/** All of them; true when there are none. */
export function and(...operands: readonly Expression[]): Expression {
  return { kind: "logical", operator: "AND", operands };
}

/** One of them; false when there are none. */
export function or(...operands: readonly Expression[]): Expression {
  return { kind: "logical", operator: "OR", operands };
}

export function subquery(query: Select): Expression {
  return { kind: "subquery", select: query.node };
}

function toExpression(hole: Hole): Expression {
  if (Array.isArray(hole)) {
    return { kind: "list", items: hole.map((value: Value) => literal(value)) };
  }
  return typeof hole === "object" ? (hole as Expression) : literal(hole);
}

/** Builds a SelectNode; each method returns a new one. */
export class Select {
  readonly node: SelectNode;

  constructor(node: SelectNode) {
    this.node = node;
  }

  from(source: string | Select | Expression): Select {
    return this.with({ from: source instanceof Select ? source.node : source });
  }

  where(...conditions: readonly Expression[]): Select {
    return this.with({ where: [...this.node.where, ...conditions] });
  }

  groupBy(...keys: readonly Expression[]): Select {
    return this.with({ groupBy: keys });
  }

  having(...conditions: readonly Expression[]): Select {
    return this.with({ having: [...this.node.having, ...conditions] });
  }

  orderBy(...keys: readonly Expression[]): Select {
    return this.with({ orderBy: keys });
  }

  limit(count: number): Select {
    return this.with({ limit: count });
  }

  limitBy(count: number, ...by: readonly Expression[]): Select {
    return this.with({ limitBy: { count, by } });
  }

  private with(change: Partial<SelectNode>): Select {
    return new Select({ ...this.node, ...change });
  }
}

/** Column name -> expression; names are the answer's. */
export function select(columns: Readonly<Record<string, Expression>>): Select {
  return new Select({
    columns: Object.entries(columns),
    from: "system.one",
    where: [],
    groupBy: [],
    having: [],
    orderBy: [],
  });
}
