import { expect, test } from "vitest";
import { parseRetention, type RetentionAges } from "./retention-ages.ts";

const day = 86_400_000;

test.each<[string, (Omit<RetentionAges, "tenants"> & Partial<RetentionAges>) | undefined]>([
  ["7d", { maxAgeMs: 7 * day, signals: {} }],
  ["0", { maxAgeMs: 0, signals: {} }],
  ["7d,logs=2d", { maxAgeMs: 7 * day, signals: { logs: 2 * day } }],
  ["logs=0, 7d ,metrics=30d", { maxAgeMs: 7 * day, signals: { logs: 0, metrics: 30 * day } }],
  [
    "7d,logs=2d,acme/all=30d,acme/logs=1d",
    {
      maxAgeMs: 7 * day,
      signals: { logs: 2 * day },
      tenants: { acme: { maxAgeMs: 30 * day, signals: { logs: day } } },
    },
  ],
  [
    "a.b/traces=1d,7d,logs=2d",
    {
      maxAgeMs: 7 * day,
      signals: { logs: 2 * day },
      tenants: { "a.b": { maxAgeMs: 7 * day, signals: { traces: day, logs: 2 * day } } },
    },
  ],
  ["7d,acme/logs=1d,acme/logs=2d", undefined],
  ["7d,acme/1d", undefined],
  ["7d,acme/=1d", undefined],
  ["7d,all=1d", undefined],
  ["acme/all=1d", undefined],
  ["7d,a/b/all=1d", undefined],
  ["", undefined],
  ["logs=2d", undefined],
  ["7d,8d", undefined],
  ["7d,logs=1d,logs=2d", undefined],
  ["7d,profiles=2d", undefined],
  ["-1d", undefined],
  ["7d,", undefined],
])("%s", (text, expected) => {
  expect(parseRetention(text)).toEqual(expected && { tenants: {}, ...expected });
});
