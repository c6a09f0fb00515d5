import { createSocket } from "node:dgram";
import { createServer, type Server, type Socket } from "node:net";
import { findDecoys } from "./decoys.ts";
import { answerDns, readQuestion } from "./dns.ts";
import { describe } from "./first-bytes.ts";
import type { Event } from "./model.ts";

/** What answers in the place of the whole internet. */
export interface Sinkhole {
  /** The name that an address was given out for. */
  nameOf(address: string): string | undefined;
  close(): Promise<void>;
}

export interface SinkholeOptions {
  readonly decoys: Readonly<Record<string, string>>;
  /** TCP ports that are answered, and the UDP port of DNS; port 0 takes a free one (tests). */
  readonly ports: readonly number[];
  readonly dnsPort: number;
  /** The step that runs now. */
  readonly step: () => string;
  readonly tell: (event: Event) => void;
}

/** Ports that programs talk to; what is sent to others is seen by its address alone. */
export const ANSWERED_PORTS: readonly number[] = [
  21, 22, 25, 80, 81, 110, 143, 443, 465, 587, 853, 993, 995, 1080, 1337, 3000, 3128, 3306, 4000, 4040, 4242, 4443, 4444,
  5000, 5001, 5432, 5555, 6379, 6666, 6667, 7000, 7777, 8000, 8008, 8080, 8081, 8088, 8443, 8800, 8888, 9000, 9001, 9050,
  9090, 9200, 9443, 9999, 10000, 12345, 27017, 31337,
]; // biome-ignore format: a list of numbers

/** Bytes of one connection that are kept and searched; more is taken and forgotten. */
const KEPT_BYTES = 1 << 20;
/** Connections and questions told of; a flood is no news. */
const MOST_EVENTS = 2_000;
const IDLE_MS = 3_000;
/** Mail and file servers speak first, or nobody tells them anything. */
const GREETED = new Set([21, 25, 587]);

/** Opens the sinkhole: every name has an address, every answered port takes what it is given. Rejects when a port is taken. */
export async function openSinkhole(options: SinkholeOptions): Promise<Sinkhole> {
  const names = new Map<string, string>();
  const addresses = new Map<string, string>();
  let told = 0;
  const tell = (event: Event) => {
    if (told++ < MOST_EVENTS) options.tell(event);
  };
  const addressOf = (name: string): string => {
    const known = addresses.get(name);
    if (known !== undefined || addresses.size >= MOST_EVENTS) return known ?? "198.19.255.254";
    const number = addresses.size + 1;
    const address = `198.18.${number >> 8}.${number & 255}`;
    addresses.set(name, address);
    names.set(address, name);
    return address;
  };
  const dns = createSocket("udp4");
  dns.on("message", (message, from) => {
    const question = readQuestion(message);
    if (question === undefined) return;
    tell({ kind: "ask", step: options.step(), name: question.name, type: question.type });
    dns.send(answerDns(message, question, addressOf(question.name)), from.port, from.address, () => {});
  });
  await new Promise<void>((resolve, reject) => {
    dns.once("error", reject);
    dns.bind(options.dnsPort, () => resolve());
  });
  const take = (socket: Socket) => receive(socket, { ...options, tell, nameOf: (address) => names.get(address) });
  const servers = await Promise.all(options.ports.map((port) => listen(port, take)));
  return {
    nameOf: (address) => names.get(address),
    close: async () => {
      dns.close();
      await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
    },
  };
}

function listen(port: number, take: (socket: Socket) => void): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer(take);
    server.once("error", reject);
    server.listen(port, "::", () => resolve(server));
  });
}

function receive(
  socket: Socket,
  { step, tell, nameOf, decoys }: SinkholeOptions & { nameOf: (address: string) => string | undefined },
): void {
  const pieces: Buffer[] = [];
  const during = step();
  const port = socket.localPort ?? 0;
  const address = (socket.localAddress ?? "").replace(/^::ffff:/, "");
  let kept = 0;
  let answered = false;
  socket.setTimeout(IDLE_MS, () => socket.destroy());
  socket.on("error", () => {});
  if (GREETED.has(port)) socket.write("220 ready\r\n");
  socket.on("data", (piece: Buffer) => {
    if (kept < KEPT_BYTES) pieces.push(piece.subarray(0, KEPT_BYTES - kept));
    kept += piece.length;
    const { protocol, complete } = describe(pieces);
    if (GREETED.has(port)) socket.write("250 ok\r\n");
    else if (protocol === "tls") socket.end();
    else if (protocol === "http" && complete && !answered) {
      answered = true;
      socket.end("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 3\r\nConnection: close\r\n\r\nok\n");
    }
  });
  socket.on("close", () => {
    const { protocol, line, name } = describe(pieces);
    const host = nameOf(address) ?? name ?? address;
    const found = findDecoys(Buffer.concat(pieces), decoys);
    tell({ kind: "send", step: during, host, port, protocol, line, decoys: found });
  });
}
