import { blobAt, cell, compressed, decoded, type Image, offsetOf } from "./dotnet-image.ts";
import { TABLE } from "./dotnet-tables.ts";

/** How a call leaves the stack (ECMA-335 §II.23.2.1). */
export interface Signature {
  /** Parameters without the object. */
  readonly params: number;
  readonly instance: boolean;
  readonly returns: boolean;
  /** Element types of the first parameters, as far as they are primitive. */
  readonly types: readonly number[];
}

const NONE: Signature = { params: 0, instance: false, returns: false, types: [] };
/** Parameters that are believed of one method. */
const MOST_PARAMS = 64;

/** The signature of what a call's token names; of nothing that can be called, one that changes nothing. */
export function signatureOf(image: Image, token: number): Signature {
  const row = token & 0xffffff;
  switch (token >>> 24) {
    case TABLE.MethodDef:
      return readSignature(blobAt(image, cell(image, TABLE.MethodDef, row, 4)));
    case TABLE.MemberRef:
      return readSignature(blobAt(image, cell(image, TABLE.MemberRef, row, 2)));
    case TABLE.MethodSpec: {
      const generic = decoded("MethodDefOrRef", cell(image, TABLE.MethodSpec, row, 0));
      return generic.table === TABLE.MethodSpec
        ? NONE
        : signatureOf(image, ((generic.table << 24) | generic.row) >>> 0);
    }
    default:
      return NONE;
  }
}

function readSignature(blob: Buffer): Signature {
  const kind = blob[0];
  if (kind === undefined) return NONE;
  let at = 1;
  if ((kind & 0x10) !== 0) at = compressed(blob, at).next;
  const { value, next } = compressed(blob, at);
  at = next;
  // Custom modifiers of what is returned (`init` setters).
  while ((blob[at] === 0x1f || blob[at] === 0x20) && at < 16) at = compressed(blob, at + 1).next;
  const returns = blob[at] !== 0x01;
  const types: number[] = [];
  if (isPrimitive(blob[at]))
    for (at++; types.length < Math.min(value, 8) && isPrimitive(blob[at]); at++) types.push(blob[at]!);
  return { params: Math.min(value, MOST_PARAMS), instance: (kind & 0x20) !== 0, returns, types };
}

function isPrimitive(element: number | undefined): boolean {
  return element !== undefined && ((element >= 0x01 && element <= 0x0e) || element === 0x1c);
}

/** To which type each row of fields (column 4 of TypeDef) or methods (column 5) belongs; index 0 is empty. */
export function ownersOf(image: Image, column: 4 | 5): Uint32Array {
  const rows = image.tables[column === 4 ? TABLE.Field : TABLE.MethodDef]!.rows;
  const types = image.tables[TABLE.TypeDef]!.rows;
  const owners = new Uint32Array(rows + 1);
  let row = 1;
  for (let type = 1; type <= types; type++) {
    const end = type === types ? rows + 1 : Math.min(cell(image, TABLE.TypeDef, type + 1, column), rows + 1);
    for (row = Math.max(row, cell(image, TABLE.TypeDef, type, column)); row < end; row++) owners[row] = type;
  }
  return owners;
}

/** The constant bytes that the image maps to a field (FieldRVA), at most `length`. */
export function fieldDataOf(image: Image, field: number, length: number): Buffer | undefined {
  const { rows } = image.tables[TABLE.FieldRVA]!;
  // The table is sorted by field (§II.22).
  let low = 1;
  let high = rows;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (cell(image, TABLE.FieldRVA, middle, 1) < field) low = middle + 1;
    else high = middle;
  }
  if (rows === 0 || cell(image, TABLE.FieldRVA, low, 1) !== field) return undefined;
  const at = offsetOf(image.sections, cell(image, TABLE.FieldRVA, low, 0));
  return at < 0 ? undefined : image.bytes.subarray(at, at + length);
}
