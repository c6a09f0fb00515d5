/** What the interpreter of IL knows of one value; of most it knows nothing but where it comes from. */
export interface Value {
  /** Text as far as it is known; `…` stands for what is not. */
  readonly text?: string;
  /** A number, or a character by its code. */
  readonly number?: number;
  /** Elements of an array, changed in place. */
  readonly items?: (Value | number)[];
  /** Name of the type that a `System.Type` stands for. */
  readonly type?: string;
  /** `Type::Member` that reflection found, or the row of the own method that a delegate calls. */
  readonly member?: string | number;
  /** Where an address points to. */
  readonly place?: { readonly items: (Value | number)[]; readonly index: number; readonly owner: Value };
  /** Text that a builder has gathered; replaced as it grows. */
  built?: string;
  /** Sum of `FROM`; what is put into an object is added to it. */
  from: number;
}

/** Where data comes from and what became of it on the way. */
export const FROM = {
  /** Name of the machine or its user. */
  host: 1,
  /** All environment variables. */
  environment: 2,
  /** Content of a file where programs keep secrets. */
  secret: 4,
  /** Received from the network. */
  network: 8,
  /** A resource of the assembly. */
  resource: 16,
  /** Decrypted, or combined with a key. */
  deciphered: 32,
  /** Bytes that are written in the assembly. */
  constant: 64,
  /** The clipboard. */
  clipboard: 128,
  /** The current date. */
  date: 256,
  /** A parameter that is called password, key or token. */
  parameter: 512,
} as const;

const LONGEST_TEXT = 1 << 16;

/** A value of which nothing is known but where it comes from. */
export function unknown(from = 0): Value {
  return { from };
}

/** The text of a value as a string operation would see it. */
export function textOf(value: Value | undefined): string | undefined {
  return value?.text ?? value?.built;
}

/** Text, or what is known of it, joined and cut at 65,536 characters; undefined when nothing of it is known. */
export function joined(values: readonly (Value | undefined)[], separator = ""): Value {
  const texts = values.map(
    (value) => textOf(value) ?? (value?.number === undefined ? undefined : String(value.number)),
  );
  const from = sourcesOf(values);
  if (texts.every((text) => text === undefined)) return unknown(from);
  return {
    text: texts
      .map((text) => text ?? "…")
      .join(separator)
      .slice(0, LONGEST_TEXT),
    from,
  };
}

/** Where any of the values comes from. */
export function sourcesOf(values: readonly (Value | undefined)[]): number {
  let from = 0;
  for (const value of values) {
    if (value === undefined) continue;
    from |= value.from;
    // What an array of strings or objects holds counts as well; arrays of bytes carry their origin themselves.
    for (const item of value.items?.slice(0, 64) ?? []) if (typeof item === "object") from |= item.from;
  }
  return from;
}

/** The characters of an array of numbers; undefined when one of the first is not known. */
export function charactersOf(value: Value | undefined, encoding: "latin1" | "utf16le" = "latin1"): string | undefined {
  if (!value?.items || value.items.length === 0 || value.items.length > LONGEST_TEXT) return undefined;
  const numbers = value.items.map((item) => (typeof item === "number" ? item : item.number));
  if (numbers.some((number) => number === undefined)) return undefined;
  const wide = encoding === "latin1" ? undefined : Buffer.from(numbers as number[]).toString("utf16le");
  return wide ?? String.fromCharCode(...(numbers as number[]).map((number) => number & 0xffff));
}

/** An array of the bytes, at most 65,536. */
export function bytesValue(bytes: Buffer, from: number): Value {
  return { items: [...bytes.subarray(0, LONGEST_TEXT)], from: from | FROM.constant };
}
