/**
 * The check of a request that is spelled as exporters spell it: one loop, a table, no calls and no objects a field. Whatever is spelled in another
 * way, or wrong, is left to check-message.ts, which is also the oracle of this in tests. Benchmark: bench/codec.ts.
 */
import { Action, rootPlans, unknownActions, type CheckPlan } from "./check-plan.ts";
import { signals, type Signal } from "./signal.ts";

// As constants of their own: a property is looked up each time, which costs a tenth of the whole check.
const {
  skipVarint,
  skipFixed64,
  skipFixed32,
  skipBytes,
  message,
  keyValue,
  packedFixed64,
  refuse,
  traceId,
  spanId,
} = Action;
/** Says: look closer. */
const notPlain = -1;
/** Messages that may be open at a time. Each level of a nested value takes two of them, so that none is too deep (`maxValueDepth`). */
const maxOpen = 24;
/** Fields up to 31: tags of one byte, and of two of which the second is 1. */
const tagsOfPlan = 256;
const actionBits = 4;
const countsBit = 1 << actionBits;

const places = new Map<CheckPlan, number>();
const table: Int32Array = makeTable();
const spanPlace: number = placeOf("traces", [1, 2, 2]);
const openEnds: Int32Array = new Int32Array(maxOpen);
const openPlaces: Int32Array = new Int32Array(maxOpen);

/**
 * One number for each tag of each plan: the action in the low 4 bits, whether the message is an item in the next, and above them where the numbers of the
 * message's own plan begin.
 */
function makeTable(): Int32Array {
  const plans: CheckPlan[] = [];
  const add = (plan: CheckPlan): void => {
    if (places.has(plan)) return;
    places.set(plan, plans.length * tagsOfPlan);
    plans.push(plan);
    for (const child of plan.children) if (child !== undefined) add(child);
  };
  for (const signal of signals) add(rootPlans[signal]);
  const numbers = new Int32Array(plans.length * tagsOfPlan);
  plans.forEach((plan, index) => {
    for (let tag = 0; tag < tagsOfPlan; tag++) {
      const child = plan.children[tag >>> 3];
      const action = plan.actions[tag] ?? unknownActions[tag & 7]!;
      const isMessage = action === message || action === keyValue;
      const below =
        isMessage && child !== undefined
          ? (places.get(child)! << (actionBits + 1)) | (child.items * countsBit)
          : 0;
      numbers[index * tagsOfPlan + tag] = action | below;
    }
  });
  return numbers;
}

/** Where the numbers of a plan begin that lies behind these fields. */
function placeOf(signal: Signal, path: readonly number[]): number {
  return places.get(path.reduce((plan, number) => plan.children[number]!, rootPlans[signal]))!;
}

/** The items of a request that is valid and plainly spelled; undefined says nothing about any other. */
export function itemsIfPlain(signal: Signal, bytes: Uint8Array): number | undefined {
  const items = walk(bytes, places.get(rootPlans[signal])!);
  return items === notPlain ? undefined : items;
}

function walk(bytes: Uint8Array, root: number): number {
  let place = root;
  let position = 0;
  let end = bytes.length;
  let items = 0;
  let open = 0;
  for (;;) {
    while (position < end) {
      const tagStart = position;
      const tag = bytes[position++]!;
      // The second byte 1 adds the bit that the first one's mark stands for.
      if (tag >= 0x80 && (position >= end || bytes[position++] !== 1)) return notPlain;
      // No field ends with its tag.
      if (position >= end) return notPlain;
      const entry = table[place + tag]!;
      const action = entry & (countsBit - 1);
      if (action === skipVarint) {
        const start = position;
        while (position < end && bytes[position]! >= 0x80) position++;
        position++;
        if (position - start > 10) return notPlain;
      } else if (action === skipFixed64) position += 8;
      else if (action === skipFixed32) position += 4;
      else if (action === refuse) return notPlain;
      else {
        if (action === keyValue) {
          const next = afterPlainAttributes(bytes, tagStart, end);
          if (next > tagStart) {
            position = next;
            continue;
          }
        }
        let length = bytes[position++]!;
        if (length >= 0x80) {
          // As much follows such a length as is read here.
          if (position + 3 > end) return notPlain;
          let byte = bytes[position++]!;
          length = (length & 0x7f) | ((byte & 0x7f) << 7);
          if (byte >= 0x80) {
            byte = bytes[position++]!;
            length |= (byte & 0x7f) << 14;
            if (byte >= 0x80) {
              byte = bytes[position++]!;
              length |= byte << 21;
              if (byte >= 0x80) return notPlain;
            }
          }
        }
        const start = position;
        position += length;
        if (position > end) return notPlain;
        if (action === message || action === keyValue) {
          if (open === maxOpen) return notPlain;
          openEnds[open] = end;
          openPlaces[open++] = place;
          end = position;
          place = entry >>> (actionBits + 1);
          position = place === spanPlace ? afterPlainSpanHead(bytes, start, end) : start;
          if ((entry & countsBit) !== 0) items++;
        } else if (action === traceId) {
          if (length !== 16 && length !== 0) return notPlain;
        } else if (action === spanId) {
          if (length !== 8 && length !== 0) return notPlain;
        } else if (action !== skipBytes && !isPlainPacked(action, bytes, start, position)) {
          return notPlain;
        }
        continue;
      }
      if (position > end) return notPlain;
    }
    if (open === 0) return items;
    end = openEnds[--open]!;
    place = openPlaces[open]!;
  }
}

/**
 * The end of what nearly every span begins with, in the order of the numbers: ids, name, kind and times. `start`, or before the name, where it is
 * spelled in another way.
 */
function afterPlainSpanHead(bytes: Uint8Array, start: number, end: number): number {
  // Up to the length of the name; shorter spans are rare.
  if (start + 40 > end || bytes[start] !== 0x0a || bytes[start + 1] !== 16) return start;
  if (bytes[start + 18] !== 0x12 || bytes[start + 19] !== 8) return start;
  const name = bytes[start + 28] === 0x22 && bytes[start + 29] === 8 ? start + 38 : start + 28;
  const length = bytes[name + 1]!;
  const kind = name + 2 + length;
  const startTime = kind + 2;
  const endTime = startTime + 9;
  const next = endTime + 9;
  const isPlain = bytes[name] === 0x2a && length < 0x80 && next <= end && bytes[kind] === 0x30;
  if (!isPlain || bytes[kind + 1]! >= 0x80) return name;
  return bytes[startTime] === 0x39 && bytes[endTime] === 0x41 ? next : name;
}

/**
 * The end of the attributes from `start` on that have one tag and are spelled as nearly every writer does: key, then a scalar value, lengths of one byte.
 * Half of all fields lie in such.
 */
function afterPlainAttributes(bytes: Uint8Array, start: number, end: number): number {
  const tag = bytes[start]!;
  let next = start;
  while (next + 1 < end && bytes[next] === tag) {
    const key = next + 2;
    const length = bytes[next + 1]!;
    const stop = key + length;
    // The shortest has an empty key and an empty text.
    if (length < 6 || length >= 0x80 || stop > end || bytes[key] !== 0x0a) break;
    const value = key + 2 + bytes[key + 1]!;
    if (value + 4 > stop || bytes[value] !== 0x12 || bytes[value + 1] !== stop - value - 2) break;
    const content = value + 3;
    const valueTag = bytes[value + 2]!;
    if (valueTag === 0x0a || valueTag === 0x3a) {
      if (bytes[content] !== stop - content - 1) break;
    } else if (valueTag === 0x18 || valueTag === 0x10) {
      let at = content;
      while (at < stop && bytes[at]! >= 0x80) at++;
      if (at + 1 !== stop || stop - content > 10) break;
    } else if (valueTag !== 0x21 || content + 8 !== stop) break;
    next = stop;
  }
  return next;
}

function isPlainPacked(action: number, bytes: Uint8Array, start: number, end: number): boolean {
  if (action === packedFixed64) return (end - start) % 8 === 0;
  for (let at = start, first = start; at < end; at++) {
    if (bytes[at]! < 0x80) first = at + 1;
    else if (at - first >= 9) return false;
    if (at + 1 === end && first !== end) return false;
  }
  return true;
}
