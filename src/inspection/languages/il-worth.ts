import type { Assembly } from "./dotnet.ts";

const WORTH =
  /Process(?:StartInfo)?::|^System\.Net\.|System\.Reflection\.(?:Assembly|MethodBase|MethodInfo)|Activator::|System\.Type::(?:GetType|InvokeMember|GetMethod)|FromBase64|Cryptography|RegistryKey::|Registry::|Environment::(?:GetEnvironmentVariables|get_MachineName|get_UserName|Exit|FailFast)|Clipboard|System\.IO\.File::(?:Read|Write|Copy)|Encoding::GetString|Array::Reverse|Marshal::|DateTime::op_|AppDomain::Load|CodeDom|CSharpScript/;

interface Body {
  readonly row: number;
  /** Where it begins and ends in the memory that all bodies are parts of. */
  readonly start: number;
  readonly end: number;
}

/**
 * Rows of own methods, ascending, whose bodies call a member worth following or a native function; found by tokens, wherever instructions
 * begin. Each byte is looked at once, also where a hostile table gives many methods the same bytes.
 */
export function methodsWorthRunning(assembly: Assembly): readonly number[] {
  const worth = assembly.members.map((member) => WORTH.test(member));
  if (!worth.includes(true) && assembly.imports.length === 0) return [];
  const natives = new Set(assembly.imports.map(({ method }) => method));
  const bodies: Body[] = [];
  let memory: Buffer | undefined;
  for (let row = 1; row < assembly.methods.length; row++) {
    const body = assembly.bodyOf(row);
    if (body === undefined) continue;
    memory ??= Buffer.from(body.buffer);
    bodies.push({ row, start: body.byteOffset, end: body.byteOffset + body.length });
  }
  if (memory === undefined) return [];
  const calls = callsIn(memory, bodies, (token) => {
    if (token >>> 24 === 0x0a) return worth[token & 0xffffff] === true;
    if (token >>> 24 === 0x06) return natives.has(token & 0xffffff);
    const target = token >>> 24 === 0x2b ? assembly.target(token) : undefined;
    return target?.kind === "member" && WORTH.test(target.name);
  });
  return bodies.filter(({ start, end }) => (firstFrom(calls, start) ?? end) + 5 <= end).map(({ row }) => row);
}

/** Ascending places, within the bodies, of a byte before a token that is wanted. */
function callsIn(memory: Buffer, bodies: readonly Body[], isWanted: (token: number) => boolean): readonly number[] {
  const found: number[] = [];
  let done = 0;
  for (const { start, end } of bodies.toSorted((one, other) => one.start - other.start)) {
    // A token may begin in what was looked at and end behind it.
    for (let at = Math.max(start, done - 4); at + 5 <= end; at++) {
      const table = memory[at + 4];
      if (table !== 0x0a && table !== 0x06 && table !== 0x2b) continue;
      if (found.length > 0 && found.at(-1)! >= at) continue;
      if (isWanted(memory.readUInt32LE(at + 1))) found.push(at);
    }
    done = Math.max(done, end);
  }
  return found;
}

function firstFrom(places: readonly number[], start: number): number | undefined {
  let [low, high] = [0, places.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (places[middle]! < start) low = middle + 1;
    else high = middle;
  }
  return places[low];
}
