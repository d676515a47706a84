// Clients that use the protocols against the server. Each is refused or bounded: the server's
// memory hardly grows, and others are answered as ever.

import assert from "node:assert/strict";
import { connect } from "node:net";
import { after, before, test } from "node:test";

import { memoryOf } from "../bench/growth.mjs";
import { startSteward, token } from "../browser/support/steward.js";

/** What an attack may cost in memory, in MB. */
const MOST_MEMORY = 64;
/** The longest that somebody else waits for an answer, in milliseconds. */
const PATIENCE = 3000;
/** When a client that does nothing is given up, and whatever becomes of an attack is known. */
const GIVEN_UP = 15_000;

let server;
let bearer;

before(async () => {
  const flags = ["--header-read-timeout=2s", "--request-timeout=4s", "--max-connections=2000"];
  server = await startSteward(flags, { logToFile: true });
  bearer = await token(server);
});

after(() => server?.stop());

/** A connection on which anything can be written. */
class Abuser {
  constructor(socket) {
    this.socket = socket;
    this.received = Buffer.alloc(0);
    /** Whether the server has had enough. */
    this.closed = new Promise((resolve) => socket.once("close", () => resolve(true)));
    this.open = true;
    socket.once("close", () => (this.open = false));
    socket.on("error", () => {});
    socket.on("data", (data) => {
      if (this.received.length < 1 << 16) this.received = Buffer.concat([this.received, data]);
    });
  }

  static async connect() {
    const { hostname, port } = new URL(server.url);
    const socket = connect(Number(port), hostname);
    await new Promise((resolve, reject) => socket.once("connect", resolve).once("error", reject));
    return new Abuser(socket);
  }

  /** Says that it speaks HTTP/2, with settings as `[id, value]`. */
  static async http2(settings = []) {
    const abuser = await Abuser.connect();
    const payload = Buffer.alloc(6 * settings.length);
    settings.forEach(([id, value], at) => {
      payload.writeUInt16BE(id, 6 * at);
      payload.writeUInt32BE(value, 6 * at + 2);
    });
    await abuser.write(Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), frame(4, 0, 0, payload));
    return abuser;
  }

  /** Writes unless the other side has closed, and as fast as it is read. */
  async write(...parts) {
    if (!this.open) return;
    if (!this.socket.write(Buffer.concat(parts))) {
      const drained = new Promise((resolve) => this.socket.once("drain", resolve));
      await Promise.race([drained, this.closed, soon(GIVEN_UP)]);
    }
  }

  /** Whether the server closes the connection. */
  ends() {
    return Promise.race([this.closed, soon(GIVEN_UP).then(() => false)]);
  }
}

function soon(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds).unref());
}

function frame(type, flags, stream, payload = Buffer.alloc(0)) {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

const [HEADERS, RST_STREAM, PING, CONTINUATION] = [1, 3, 6, 9];
const [END_STREAM, END_HEADERS] = [1, 4];

/** A header that no table is used for; names and values are shorter than 127 bytes. */
function header(name, value) {
  return Buffer.concat([Buffer.from([0, name.length]), Buffer.from(name), Buffer.from([value.length]), Buffer.from(value)]);
}

function request(path = "/api/public/Owners?pageSize=1") {
  return Buffer.concat([
    header(":method", "GET"),
    header(":scheme", "http"),
    header(":path", path),
    header(":authority", "localhost"),
  ]);
}

/** Runs an attack while somebody else makes calls. */
async function attack(act) {
  const before = memoryOf(server.pid);
  let peak = before;
  const sampler = setInterval(() => (peak = Math.max(peak, memoryOf(server.pid))), 50);
  let attacking = true;
  const other = (async () => {
    let calls = 0;
    let longest = 0;
    while (attacking || calls < 10) {
      const begin = Date.now();
      const response = await fetch(`${server.url}/api/public/Owners?pageSize=1`, {
        headers: { authorization: `Bearer ${bearer}` },
      });
      await response.arrayBuffer();
      assert.equal(response.status, 200);
      longest = Math.max(longest, Date.now() - begin);
      calls += 1;
    }
    return longest;
  })();
  try {
    await act();
  } finally {
    attacking = false;
    clearInterval(sampler);
  }
  const longest = await other;
  assert.ok(longest < PATIENCE, `somebody else waited ${longest} ms`);
  assert.ok(peak - before < MOST_MEMORY, `the memory grew from ${before} to ${peak} MB`);
}

test("rapid reset: streams that are given up as soon as they are opened", () =>
  attack(async () => {
    const abusers = await Promise.all([1, 2, 3, 4].map(() => Abuser.http2()));
    await Promise.all(
      abusers.map(async (abuser) => {
        for (let stream = 1; stream < 100_000 && abuser.open; stream += 2) {
          const open = frame(HEADERS, END_STREAM | END_HEADERS, stream, request());
          await abuser.write(open, frame(RST_STREAM, 0, stream, Buffer.from([0, 0, 0, 8])));
        }
      }),
    );
    for (const abuser of abusers) abuser.socket.destroy();
  }));

test("a head without an end: CONTINUATION after CONTINUATION", () =>
  attack(async () => {
    const abuser = await Abuser.http2();
    const more = Buffer.concat(Array.from({ length: 100 }, (_, at) => header(`x-${at}`, "y".repeat(100))));
    await abuser.write(frame(HEADERS, END_STREAM, 1, request()));
    for (let sent = 0; sent < 64 << 20 && abuser.open; sent += more.length) {
      await abuser.write(frame(CONTINUATION, 0, 1, more));
    }
    assert.equal(await abuser.ends(), true, "64 MiB of a head were taken");
  }));

test("a head without bytes: empty CONTINUATION frames", () =>
  attack(async () => {
    const abuser = await Abuser.http2();
    await abuser.write(frame(HEADERS, END_STREAM, 1, request()));
    const empty = Buffer.concat(Array.from({ length: 1000 }, () => frame(CONTINUATION, 0, 1)));
    for (let sent = 0; sent < 1000 && abuser.open; sent += 1) await abuser.write(empty);
    assert.equal(await abuser.ends(), true, "a million frames of a head were taken");
  }));

test("a head that is larger than the server takes", () =>
  attack(async () => {
    const large = Array.from({ length: 600 }, (_, at) => `x-${at}: ${"y".repeat(100)}`).join("\r\n");
    const abuser = await Abuser.connect();
    await abuser.write(Buffer.from(`GET /livez HTTP/1.1\r\nHost: localhost\r\n${large}\r\n\r\n`));
    assert.equal(await abuser.ends(), true);
    assert.match(abuser.received.toString(), /^HTTP\/1\.1 431 /);
  }));

test("pings whose answers nobody reads", () =>
  attack(async () => {
    const abuser = await Abuser.http2();
    abuser.socket.pause();
    const pings = Buffer.concat(Array.from({ length: 1000 }, () => frame(PING, 0, 0, Buffer.alloc(8))));
    for (let sent = 0; sent < 2000 && abuser.open; sent += 1) {
      await Promise.race([abuser.write(pings), soon(100)]);
      // What the system does not take any more would fill this process.
      if (abuser.socket.writableLength > 4 << 20) break;
    }
    abuser.socket.destroy();
  }));

test("answers that nobody takes: a window of no bytes", () =>
  attack(async () => {
    const abusers = await Promise.all(Array.from({ length: 10 }, () => Abuser.http2([[4, 0]])));
    const path = "/openapi/facilities.json";
    for (const abuser of abusers) {
      for (let stream = 1; stream < 200; stream += 2) {
        await abuser.write(frame(HEADERS, END_STREAM | END_HEADERS, stream, request(path)));
      }
    }
    await soon(3000);
    for (const abuser of abusers) abuser.socket.destroy();
  }));

test("slowloris: heads that never end", () =>
  attack(async () => {
    const abusers = await Promise.all(Array.from({ length: 500 }, () => Abuser.connect()));
    for (const abuser of abusers) await abuser.write(Buffer.from("GET /livez HTTP/1.1\r\nHost: l\r\nX-A: "));
    const drip = setInterval(() => {
      for (const abuser of abusers) if (abuser.open) abuser.socket.write("a");
    }, 200);
    const ended = await Promise.all(abusers.map((abuser) => abuser.ends()));
    clearInterval(drip);
    assert.ok(ended.every(Boolean), "a head that took longer than it may was waited for");
  }));

test("bodies that never come", () =>
  attack(async () => {
    const abusers = await Promise.all(Array.from({ length: 200 }, () => Abuser.connect()));
    for (const abuser of abusers) {
      const head = `POST /api/public/Owners HTTP/1.1\r\nHost: l\r\nAuthorization: Bearer ${bearer}\r\n`;
      await abuser.write(Buffer.from(`${head}Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{`));
    }
    const ended = await Promise.all(abusers.map((abuser) => abuser.ends()));
    assert.ok(ended.every(Boolean), "a body that took longer than it may was waited for");
  }));

test("more connections than a process may have files open unless it asks", async () => {
  const own = await startSteward([], { logToFile: true, openFiles: 256 });
  const { hostname, port } = new URL(own.url);
  const sockets = [];
  try {
    for (let made = 0; made < 600; made += 1) {
      const socket = connect(Number(port), hostname);
      sockets.push(socket);
      const answer = new Promise((resolve, reject) => {
        socket.once("data", resolve).once("error", reject);
        soon(GIVEN_UP).then(() => reject(new Error(`connection ${made} is not answered`)));
      });
      socket.write("GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n");
      assert.match((await answer).toString(), /^HTTP\/1\.1 200 /);
    }
  } finally {
    for (const socket of sockets) socket.destroy();
    await own.stop();
  }
});
