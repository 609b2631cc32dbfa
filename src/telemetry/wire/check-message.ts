import { Action, knownTags, unknownActions, type CheckPlan } from "./check-plan.ts";
import { MalformedWireError } from "./malformed.ts";
import { readVarintNumber, varintEnd } from "./number.ts";
import { maxValueDepth } from "./schema.ts";

/**
 * Checks the message in [start, end), with what lies below it, field by field. Returns the items in it; throws `MalformedWireError`, which says what
 * is wrong and where.
 */
export function checkMessage(
  plan: CheckPlan,
  bytes: Uint8Array,
  start: number,
  end: number,
  depth: number,
): number {
  const { actions } = plan;
  let items = plan.items;
  let position = start;
  while (position < end) {
    const tagStart = position;
    let tag = bytes[position++]!;
    if (tag >= 0x80) {
      position = varintEnd(bytes, tagStart, end);
      tag = readVarintNumber(bytes, tagStart, position);
      if (tag > 0xffffffff) throw new MalformedWireError("invalid field number", tagStart);
    }
    const action = tag < knownTags ? actions[tag]! : unknownActions[tag & 7]!;
    if (action === Action.skipVarint) {
      position = position < end && bytes[position]! < 0x80 ? position + 1 : varintEnd(bytes, position, end);
      continue;
    }
    if (action === Action.skipFixed64) position += 8;
    else if (action === Action.skipFixed32) position += 4;
    else if (action === Action.refuse) refuse(plan, tag, tagStart);
    else {
      let length = position < end ? bytes[position]! : 0x80;
      if (length < 0x80) position++;
      else {
        const lengthStart = position;
        position = varintEnd(bytes, position, end);
        length = readVarintNumber(bytes, lengthStart, position);
      }
      const valueStart = position;
      position += length;
      if (position > end) throw new MalformedWireError("field is cut off", tagStart);
      if (action === Action.keyValue) {
        // At the bound no value may follow, however it is spelled.
        if (depth === maxValueDepth || !isPlainKeyValue(bytes, valueStart, position)) {
          checkMessage(plan.children[tag >>> 3]!, bytes, valueStart, position, depth);
        }
      } else if (action === Action.message) {
        const child = plan.children[tag >>> 3]!;
        const inner = depth + child.depth;
        if (inner > maxValueDepth) {
          throw new MalformedWireError(`values are nested deeper than ${maxValueDepth}`, tagStart);
        }
        items += checkMessage(child, bytes, valueStart, position, inner);
      } else if (action >= Action.traceId) {
        const wanted = action === Action.traceId ? 16 : 8;
        if (length !== wanted && length !== 0) refuseId(plan, tag, length, tagStart);
      } else if (action !== Action.skipBytes) checkPacked(action, bytes, valueStart, position);
      continue;
    }
    if (position > end) throw new MalformedWireError("field is cut off", tagStart);
  }
  return items;
}

/**
 * True for a KeyValue spelled as nearly every writer does: key, then a scalar value, lengths of one byte. Half of
 * all fields lie in such, and four comparisons replace three turns of the loop. False only means: look closer. The loop comes to the same verdict;
 * but one field that plain-spelling.ts does not take, which some sender may have in each request, brings all others here, and without this they
 * take up to twice the time (benchmark as there).
 */
function isPlainKeyValue(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < 6 || bytes[start] !== 0x0a) return false;
  const keyLength = bytes[start + 1]!;
  const value = start + 2 + keyLength;
  if (keyLength >= 0x80 || value + 4 > end || bytes[value] !== 0x12) return false;
  if (bytes[value + 1]! >= 0x80 || value + 2 + bytes[value + 1]! !== end) return false;
  const content = value + 3;
  switch (bytes[value + 2]!) {
    case 0x0a:
    case 0x3a:
      return bytes[content]! < 0x80 && end === content + 1 + bytes[content]!;
    case 0x10:
    case 0x18:
      return bytes[content]! < 0x80 ? content + 1 === end : varintEnd(bytes, content, end) === end;
    case 0x21:
      return content + 8 === end;
    default:
      return false;
  }
}

function checkPacked(action: number, bytes: Uint8Array, start: number, end: number): void {
  if (action === Action.packedVarint) {
    for (let at = start; at < end;) at = varintEnd(bytes, at, end);
  } else if ((end - start) % 8 !== 0) throw new MalformedWireError("packed numbers are cut off", start);
}

function refuseId(plan: CheckPlan, tag: number, length: number, offset: number): never {
  const field = plan.spec.byNumber[tag >>> 3];
  throw new MalformedWireError(
    `${plan.spec.name}.${field?.name} has a length of ${length} instead of ${field?.idBytes} bytes`,
    offset,
  );
}

function refuse(plan: CheckPlan, tag: number, offset: number): never {
  const number = tag >>> 3;
  const field = plan.spec.byNumber[number];
  if (number === 0) throw new MalformedWireError("invalid field number", offset);
  if (field === undefined) throw new MalformedWireError(`unsupported wire type ${tag & 7}`, offset);
  throw new MalformedWireError(`${plan.spec.name}.${field.name} has wire type ${tag & 7}`, offset);
}
