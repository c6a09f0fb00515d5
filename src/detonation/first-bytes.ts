/** What a connection said so far. */
export interface Said {
  readonly protocol: "http" | "tls" | "other";
  /** Request line, server name, or the beginning as printable text; at most 200 characters. */
  readonly line: string;
  /** The server's name as the client gave it: Host header or TLS server name. */
  readonly name?: string;
  /** Whether an HTTP request is all there. */
  readonly complete: boolean;
}

const REQUEST = /^[A-Z]{3,10} \S{1,8000} HTTP\/1\.[01]\r?\n/;
/** Of these bytes is told what they are; a body may be longer. */
const LOOKED_AT = 64 << 10;

/** Tells HTTP, TLS and everything else apart by the first bytes of a connection. */
export function describe(pieces: readonly Buffer[]): Said {
  const bytes = Buffer.concat(pieces);
  if (bytes[0] === 0x16 && bytes[1] === 0x03) {
    const name = serverName(bytes.subarray(0, LOOKED_AT));
    return { protocol: "tls", line: name ?? "", ...(name === undefined ? {} : { name }), complete: true };
  }
  const text = bytes.toString("latin1", 0, LOOKED_AT);
  if (!REQUEST.test(text)) return { protocol: "other", line: printed(text.slice(0, 200)), complete: false };
  const line = printed(text.slice(0, text.search(/ HTTP\/1/)));
  const headEnd = text.search(/\r?\n\r?\n/);
  const head = headEnd === -1 ? text : text.slice(0, headEnd);
  const host = /\nHost:[ \t]{0,4}([^\s:]{1,253})/i.exec(head)?.[1];
  return {
    protocol: "http",
    line,
    ...(host === undefined ? {} : { name: printed(host) }),
    complete: headEnd !== -1 && hasBody(head, bytes.length - headEnd - 4),
  };
}

function hasBody(head: string, got: number): boolean {
  if (/\nTransfer-Encoding:[ \t]{0,4}chunked/i.test(head)) return got > 0;
  const length = Number(/\nContent-Length:[ \t]{0,4}(\d{1,12})/i.exec(head)?.[1] ?? 0);
  return got >= length;
}

/** The server name of a ClientHello (RFC 8446 §4.1.2, RFC 6066 §3); undefined when there is none or it is damaged. */
function serverName(bytes: Buffer): string | undefined {
  try {
    let at = 5 + 4 + 2 + 32;
    at += 1 + bytes.readUInt8(at);
    at += 2 + bytes.readUInt16BE(at);
    at += 1 + bytes.readUInt8(at);
    const end = Math.min(bytes.length, at + 2 + bytes.readUInt16BE(at));
    for (at += 2; at + 4 <= end; at += 4 + bytes.readUInt16BE(at + 2)) {
      if (bytes.readUInt16BE(at) !== 0) continue;
      const length = bytes.readUInt16BE(at + 7);
      return printed(bytes.toString("latin1", at + 9, at + 9 + Math.min(length, 253)));
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  return undefined;
}

function printed(text: string): string {
  return text.slice(0, 200).replace(/[^\x20-\x7e]/g, ".");
}
