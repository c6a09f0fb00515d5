import fc from "fast-check";

/** A few bytes of `seed` overwritten, removed or doubled. */
export function mutantsOf(seed: Buffer): fc.Arbitrary<Buffer> {
  const place = fc.nat(seed.length - 1);
  const overwrite = fc.tuple(place, fc.nat(255)).map(([at, byte]) => (bytes: Buffer) => {
    const copy = Buffer.from(bytes);
    copy[at % copy.length] = byte;
    return copy;
  });
  const cut = fc.tuple(place, fc.nat(40)).map(
    ([at, length]) =>
      (bytes: Buffer) =>
        Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]),
  );
  const double = fc.tuple(place, fc.nat(600)).map(
    ([at, length]) =>
      (bytes: Buffer) =>
        Buffer.concat([bytes.subarray(0, at + length), bytes.subarray(at)]),
  );
  return fc
    .array(fc.oneof({ weight: 4, arbitrary: overwrite }, cut, double), { minLength: 1, maxLength: 4 })
    .map((steps) => steps.reduce((bytes, step) => (bytes.length === 0 ? bytes : step(bytes)), seed));
}
