/** One question to a name server (RFC 1035 §4.1.2). */
export interface Question {
  /** Lower case, without the final dot; what is not printable is escaped. */
  readonly name: string;
  /** `A`, `AAAA`, `TXT`, …; the number where it has no common name. */
  readonly type: string;
  /** Bytes of the message that hold header and question. */
  readonly end: number;
}

const TYPES: Readonly<Record<number, string>> = {
  1: "A",
  2: "NS",
  5: "CNAME",
  15: "MX",
  16: "TXT",
  28: "AAAA",
  33: "SRV",
  65: "HTTPS",
};
const HEADER = 12;

/** The first question of a message; undefined when it is no question or damaged. */
export function readQuestion(message: Buffer): Question | undefined {
  if (message.length < HEADER + 5 || (message[2]! & 0x80) !== 0 || message.readUInt16BE(4) < 1) return undefined;
  const labels: string[] = [];
  let at = HEADER;
  for (let length = message[at]; length !== 0; length = message[at]) {
    if (length === undefined || length > 63 || at + 1 + length > message.length || labels.length > 127)
      return undefined;
    labels.push(message.toString("latin1", at + 1, at + 1 + length));
    at += 1 + length;
  }
  if (at + 5 > message.length) return undefined;
  const type = message.readUInt16BE(at + 1);
  return { name: printableName(labels.join(".")), type: TYPES[type] ?? String(type), end: at + 5 };
}

function printableName(name: string): string {
  return name.toLowerCase().replace(/[^\w.*-]/g, (character) => `\\${character.charCodeAt(0)}`);
}

/** The answer to `question`: `address` for A, no records for every other type, so that nobody waits for a second server. */
export function answerDns(message: Buffer, question: Question, address: string): Buffer {
  const head = Buffer.from(message.subarray(0, question.end));
  const isAddress = question.type === "A";
  head.writeUInt16BE(0x8180, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt16BE(isAddress ? 1 : 0, 6);
  head.writeUInt32BE(0, 8);
  if (!isAddress) return head;
  const record = Buffer.from([0xc0, 0x0c, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, ...address.split(".").map(Number)]);
  return Buffer.concat([head, record]);
}
