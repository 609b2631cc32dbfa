/** `otelier storage` for people. */
import { printByteSize } from "../base/byte-size.ts";
import type { KeptAmount, StorageReport, UpcomingDrop } from "../storage/usage.ts";

const minuteMs = 60_000;

export function printStorage(report: StorageReport, top: number): string {
  const { total, signals, services, attributes, takenMs } = report;
  const share = (bytes: number): string =>
    total.bytesOnDisk === 0 ? "" : `${((bytes / total.bytesOnDisk) * 100).toFixed(1)}%`;
  const sections = [
    ...summary(report),
    "",
    ...columns(
      ["SIGNAL", "BYTES", "SHARE", "ROWS", "BYTES/ROW", "PARTS", "OLDEST", "NEWEST"],
      [...signals.map((one) => [one.signal, one] as const), ["total", total] as const].map(([name, one]) => [
        name,
        printByteSize(one.bytesOnDisk),
        share(one.bytesOnDisk),
        one.rows.toLocaleString("en"),
        one.rows === 0 ? "" : (one.bytesOnDisk / one.rows).toFixed(1),
        String(one.parts),
        age(one.oldestMs, one, takenMs),
        age(one.newestMs, one, takenMs),
      ]),
      [1, 2, 3, 4, 5],
    ),
  ];
  if (services.length > 0) {
    const rows = services
      .slice(0, top)
      .map(({ service, signal, rows: count, bytesOnDisk }) => [
        service === "" ? "(none)" : service,
        signal,
        printByteSize(bytesOnDisk),
        share(bytesOnDisk),
        count.toLocaleString("en"),
      ]);
    sections.push("", ...columns(["SERVICE", "SIGNAL", "BYTES", "SHARE", "ROWS"], rows, [2, 3, 4]));
    sections.push(...more(services.length, top));
  }
  if (attributes.length > 0) {
    const rows = attributes
      .slice(0, top)
      .map(({ signal, scope, key, rows: count, distinct, bytesOnDisk }) => [
        `${scope}.${key}`,
        signal,
        printByteSize(bytesOnDisk),
        share(bytesOnDisk),
        count.toLocaleString("en"),
        distinct.toLocaleString("en"),
      ]);
    sections.push(
      "",
      ...columns(["ATTRIBUTE", "SIGNAL", "BYTES", "SHARE", "ROWS", "DISTINCT"], rows, [2, 3, 4, 5]),
      ...more(attributes.length, top),
    );
  }
  return `${sections.join("\n")}\n`;
}

function summary(report: StorageReport): string[] {
  const { total, retention, takenMs, upcoming, keptDays, dropped } = report;
  const limit = retention.maxBytes === 0 ? "" : ` of ${printByteSize(retention.maxBytes)}`;
  const lines = [
    `${printByteSize(total.bytesOnDisk)}${limit} kept, ${printByteSize(report.diskFreeBytes)} free on the disk, growing by ${printByteSize(report.growthBytesPerHour)} an hour`,
  ];
  if (report.pendingBytes > 0)
    lines.push(`${printByteSize(report.pendingBytes)} accepted and not in the tables yet`);
  if (dropped.rows > 0)
    lines.push(`${dropped.rows.toLocaleString("en")} rows dropped by retention since the start`);
  const next = upcoming.slice(0, 8).map((drop) => dropLine(drop, takenMs));
  lines.push(...(next.length === 0 ? ["retention drops nothing within a day"] : ["next to go:", ...next]));
  if (report.sampledShare < 1)
    lines.push(
      `services and attributes are estimated from ${(report.sampledShare * 100).toFixed(1)}% of the rows`,
    );
  for (const { day, untilMs } of keptDays)
    lines.push(`${day} was imported for keeping: until ${new Date(untilMs).toISOString().slice(0, 16)}Z`);
  return lines;
}

function dropLine(drop: UpcomingDrop, nowMs: number): string {
  const when = drop.dueMs <= nowMs ? "now" : `in ${duration(drop.dueMs - nowMs)}`;
  const why = drop.reason === "age" ? "too old" : "the size limit";
  return `  ${when}: ${drop.rows.toLocaleString("en")} rows of ${drop.table} (${printByteSize(drop.bytesOnDisk)}, the newest ${duration(nowMs - drop.newestMs)} old): ${why}`;
}

function age(ms: number, { rows }: KeptAmount, nowMs: number): string {
  return rows === 0 ? "" : `${duration(Math.max(nowMs - ms, 0))} ago`;
}

/** The two largest units: "3d 4h", "12m", "0m". */
function duration(ms: number): string {
  const minutes = Math.max(0, Math.round(ms / minuteMs));
  const days = Math.floor(minutes / 1440);
  const hours = Math.floor((minutes % 1440) / 60);
  if (days > 0) return hours === 0 ? `${days}d` : `${days}d ${hours}h`;
  return hours > 0 ? `${hours}h ${minutes % 60}m` : `${minutes}m`;
}

function more(length: number, top: number): string[] {
  return length > top ? [`(${length - top} more; --top ${length} lists them)`] : [];
}

function columns(names: readonly string[], rows: readonly (readonly string[])[], right: number[]): string[] {
  const widths = names.map((name, at) => Math.max(name.length, ...rows.map((row) => row[at]?.length ?? 0)));
  return [names, ...rows].map((row) =>
    row
      .map((cell, at) => (right.includes(at) ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0)))
      .join("  ")
      .trimEnd(),
  );
}
