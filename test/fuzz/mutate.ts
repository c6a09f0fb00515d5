/** Numbers from 0 to below `most`; the same seed gives the same row. */
export type Random = (most: number) => number;

/** A small generator whose row is told by its seed (mulberry32). */
export function randomFrom(seed: number): Random {
  let state = seed | 0;
  return (most) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % most;
  };
}

/** What readers of programs and archives look for; repeated, most of it nests. */
const PIECES: readonly string[] = [
  ..."( [ { ) ] } < > \" ' ` \\ / # ; , . : = + - * % $ @ & | \n \t \r \0 ${ $( f'{ ''' \"\"\" <!-- --> /* */ // => ?. ** :: @( @{ \\\n".split(
    " ",
  ),
  ..."exec( eval( import from lambda: function async for in while if else return class def require( getattr( __import__( globals()[ chr(".split(
    " ",
  ),
  ..."base64.b64decode( zlib.decompress( String.fromCharCode( atob( os.system( subprocess.run( process.env marshal.loads( ''.join(".split(
    " ",
  ),
  ..."<Exec <Project> <![CDATA[ ]]> <!DOCTYPE &lt; xmlns: $([System. /> %3b \\u0061 \\x41 \\N{ 0x 1e999 99999999999999999999 -1 é \u202e \ud800".split(
    " ",
  ),
];
const NUMBERS = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0xffffffff];

/** One to eight changes of `seed`: bytes overwritten, removed, doubled or moved, pieces put in once or many times, other seeds spliced in. At most `longest` bytes. */
export function mutate(seed: Buffer, others: readonly Buffer[], random: Random, longest = 64 << 10): Buffer {
  let bytes = seed;
  for (let left = 1 + random(8); left > 0; left--) bytes = changed(bytes, others, random).subarray(0, longest);
  return Buffer.from(bytes);
}

function changed(bytes: Buffer, others: readonly Buffer[], random: Random): Buffer {
  const at = random(bytes.length + 1);
  const length = Math.min(bytes.length - at, 1 + random(random(4) === 0 ? 400 : 8));
  const piece = Buffer.from(PIECES[random(PIECES.length)]!);
  const other = others[random(others.length)]!;
  switch (random(9)) {
    case 0:
      return spliced(bytes, at, 0, piece);
    case 1:
      return spliced(
        bytes,
        at,
        0,
        Buffer.from(piece.toString("latin1").repeat(1 + random(random(8) === 0 ? 5_000 : 40)), "latin1"),
      );
    case 2:
      return spliced(bytes, at, length, Buffer.alloc(0));
    case 3:
      return spliced(bytes, at, 0, bytes.subarray(at, at + length));
    case 4:
      return spliced(bytes, at, length, other.subarray(random(other.length + 1)).subarray(0, 1 + random(300)));
    case 5:
      return written(bytes, at, NUMBERS[random(NUMBERS.length)]!, random);
    case 6:
      return bytes.subarray(0, at);
    case 7:
      return spliced(bytes, at, Math.min(1, length), Buffer.from([random(256)]));
    default:
      return spliced(
        spliced(bytes, at, length, Buffer.alloc(0)),
        random(bytes.length - length + 1),
        0,
        bytes.subarray(at, at + length),
      );
  }
}

function spliced(bytes: Buffer, at: number, removed: number, put: Buffer): Buffer {
  return Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at + removed)]);
}

/** A length or offset as archives and assemblies hold them. */
function written(bytes: Buffer, at: number, number: number, random: Random): Buffer {
  const copy = Buffer.from(bytes);
  const width = [1, 2, 4][random(3)]!;
  if (at + width <= copy.length) copy.writeUIntLE(number % 2 ** (8 * width), at, width);
  return copy;
}
