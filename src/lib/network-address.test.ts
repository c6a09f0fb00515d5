import assert from "node:assert/strict";
import { test } from "node:test";
import { isMetadataAddress, isPrivateAddress } from "./network-address.ts";

test("an address of our own network is private in every notation that a resolver or a URL may give", () => {
  const inIpv4 =
    "127.0.0.1 10.1.2.3 169.254.169.254 172.31.255.255 192.168.0.1 100.64.0.1 0.0.0.0 192.0.2.1 255.255.255.255";
  const inIpv6 = "::1 :: fe80::1 fe80::1%eth0 fd00::1 fec0::1 ff02::1 2001:db8::1 64:ff9b:1::1";
  const mapped = "::ffff:127.0.0.1 ::ffff:7f00:1 0:0:0:0:0:ffff:10.0.0.1 ::ffff:0.0.0.1 ::FFFF:A9FE:A9FE";
  const carried =
    "::127.0.0.1 ::7f00:1 ::ffff:0:7f00:1 64:ff9b::7f00:1 64:ff9b::127.0.0.1 2002:7f00:1:: 2001:0:7f00:1::1";
  for (const address of `${inIpv4} ${inIpv6} ${mapped} ${carried}`.split(" "))
    assert.equal(isPrivateAddress(address), true, address);
});

test("a public address is not private, also where IPv6 carries it; what is no address counts as private", () => {
  for (const address of "8.8.8.8 2606:4700::6810:1 ::ffff:8.8.8.8 64:ff9b::808:808 64:ff9b::8.8.8.8".split(" "))
    assert.equal(isPrivateAddress(address), false, address);
  for (const text of ["", "localhost", "1.2.3", "[::1]"]) assert.equal(isPrivateAddress(text), true, text);
});

test("where a cloud keeps credentials is known in every notation, and what is no address counts as that", () => {
  const known = "169.254.169.254 169.254.170.2 ::ffff:a9fe:a9fe fe80::1 100.100.100.200 168.63.129.16 fd00:ec2::254";
  for (const address of known.split(" ")) assert.equal(isMetadataAddress(address), true, address);
  for (const address of "10.0.0.5 127.0.0.1 fd00::1 8.8.8.8 ::ffff:10.0.0.5".split(" "))
    assert.equal(isMetadataAddress(address), false, address);
  assert.equal(isMetadataAddress("registry"), true);
});
