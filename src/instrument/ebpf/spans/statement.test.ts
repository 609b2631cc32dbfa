import { expect, test } from "vitest";
import { operationOf, summaryOf, withoutLiterals } from "./statement.ts";

test.each([
  ["SELECT sku, name FROM products WHERE sku = $1", "SELECT", "SELECT products"],
  ["  select * from public.orders o join lines l using (id)", "SELECT", "SELECT public.orders"],
  ['INSERT INTO "orders" (a) VALUES (1)', "INSERT", "INSERT orders"],
  ["UPDATE reservations SET status = 'held'", "UPDATE", "UPDATE reservations"],
  ["DELETE FROM `carts`", "DELETE", "DELETE carts"],
  ["CREATE TABLE IF NOT EXISTS shelves (id int)", "CREATE", "CREATE shelves"],
  ["WITH gone AS (DELETE FROM carts RETURNING id) SELECT count(*) FROM gone", "WITH", "WITH carts"],
  ["-- from nowhere\nSELECT 1 /* FROM comment */", "SELECT", "SELECT"],
  ["BEGIN", "BEGIN", "BEGIN"],
  ["PRAGMA journal_mode", "", ""],
  ["", "", ""],
])("%s", (text, operation, summary) => {
  expect(operationOf(text)).toBe(operation);
  expect(summaryOf(text)).toBe(summary);
});

test.each([
  ["WHERE name = 'O''Brien' AND age > 42", "WHERE name = ? AND age > ?"],
  ["WHERE id = $1 AND price < 1.5e3 LIMIT 10", "WHERE id = $1 AND price < ? LIMIT ?"],
  ["SELECT t1.x2 FROM t1 WHERE x = :p3", "SELECT t1.x2 FROM t1 WHERE x = :p3"],
  ["WHERE name = 'cut in the mid", "WHERE name = ?"],
])("%s without literals", (text, expected) => {
  expect(withoutLiterals(text)).toBe(expected);
});
