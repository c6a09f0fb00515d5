import assert from "node:assert/strict";
import { test } from "node:test";
import { readStrace } from "./strace.ts";

test("calls become events, with their strings unquoted", () => {
  const log = [
    `12 execve("/usr/bin/curl", ["curl", "-s", "a\\"b"], 0x7ffd /* 9 vars */) = 0`,
    `12 openat(AT_FDCWD, "/home/dev/.npmrc", O_RDONLY|O_CLOEXEC) = 3`,
    `12 openat(AT_FDCWD, "/tmp/caf\\303\\251", O_WRONLY|O_CREAT, 0666) = 4`,
    `13 connect(3, {sa_family=AF_INET, sin_port=htons(443), sin_addr=inet_addr("198.51.100.7")}, 16) = -1 EINPROGRESS (x)`,
    `13 connect(3, {sa_family=AF_INET6, sin6_port=htons(80), sin6_flowinfo=htonl(0), inet_pton(AF_INET6, "2001:db8::1", &sin6_addr), sin6_scope_id=0}, 28) = 0`,
    `13 unlink("/home/dev/.bash_history") = 0`,
    `13 rename("/tmp/a", "/tmp/b") = 0`,
    `13 ptrace(PTRACE_ATTACH, 12) = 0`,
  ].join("\n");
  assert.deepEqual(
    [...readStrace(log, "install")].map(({ step: _, ...event }) => event),
    [
      { kind: "start", program: "/usr/bin/curl", argv: ["curl", "-s", 'a"b'] },
      { kind: "open", path: "/home/dev/.npmrc", writes: false },
      { kind: "open", path: "/tmp/café", writes: true },
      { kind: "connect", address: "198.51.100.7", port: 443 },
      { kind: "connect", address: "2001:db8::1", port: 80 },
      { kind: "remove", path: "/home/dev/.bash_history" },
      { kind: "open", path: "/tmp/b", writes: true },
      { kind: "inject", call: "ptrace" },
    ],
  );
});

test("a file that was not there is no event, and a call that was interrupted is told where it began", () => {
  const log = [
    `12 openat(AT_FDCWD, "/home/dev/.nothing", O_RDONLY) = -1 ENOENT (No such file or directory)`,
    `12 execve("/usr/local/bin/sh", ["sh"], 0x1 /* 1 var */) = -1 ENOENT (No such file or directory)`,
    `12 execve("/usr/bin/sh", ["sh", "-c", "id"], 0x1 /* 1 var */ <unfinished ...>`,
    `12 <... execve resumed>) = 0`,
    `12 +++ exited with 0 +++`,
  ].join("\n");
  assert.deepEqual(
    [...readStrace(log, "x")],
    [{ kind: "start", step: "x", program: "/usr/bin/sh", argv: ["sh", "-c", "id"] }],
  );
});

test("whatever a traced program makes of the log, reading it ends", () => {
  const hostile = [
    `1 openat(AT_FDCWD, "${'\\"'.repeat(100_000)}`,
    `1 execve("${"\\".repeat(50_000)}`,
    '"'.repeat(90_000),
    "(".repeat(90_000),
  ];
  for (const log of hostile) assert.ok([...readStrace(log, "x")].length <= 1);
});
