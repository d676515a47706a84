// A database that stands still, and one whose disk is full.

import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import path from "node:path";

import { Ledger } from "./ledger.mjs";
import { Server, check, eventually, memoryOf, pause, signal } from "./support.mjs";

/** The longest that a call may take; whoever waits for a paused database is answered by then. */
const REQUEST_TIMEOUT = 5000;
const FLAGS = ["--pool-wait=1s", `--request-timeout=${REQUEST_TIMEOUT}ms`, "--readiness-interval=200ms"];

/** SIGSTOP of all of PostgreSQL. */
export async function paused({ scratch }) {
  const server = await Server.in(path.join(scratch, "paused"), FLAGS);
  await server.start();
  try {
    const ledger = new Ledger(server, await server.tenant());
    let writing = true;
    const writers = Promise.all(Array.from({ length: 8 }, () => ledger.write(() => writing)));
    writers.catch(() => (writing = false));
    await pause(500);
    const { all } = server.postgres();
    const before = memoryOf(server.child.pid);
    signal(all, "SIGSTOP");
    try {
      await eventually("not ready", async () => (await status(server, "/readyz")) === 503);
      check((await status(server, "/livez")) === 200, "the server does not live");
      // Reads and writes that come now are answered, and in time.
      const asked = Array.from({ length: 200 }, async (_, at) => {
        const begin = Date.now();
        const answer = await (at % 2 ? ledger.create("paused") : ledger.call("GET", "/api/public/Owners/1"));
        const took = Date.now() - begin;
        check([503, 504].includes(answer.status), `a call was answered ${answer.status}`);
        check(answer.status !== 503 || answer.headers.has("retry-after"), "503 without Retry-After");
        check(took < REQUEST_TIMEOUT + 2000, `a call was answered after ${took} ms`);
        return answer.status;
      });
      const answers = await Promise.all(asked);
      const late = answers.filter((one) => one === 504).length;
      console.log(`  paused: ${answers.length - late} calls answered 503, ${late} 504`);
    } finally {
      signal(all, "SIGCONT");
    }
    await server.ready();
    await pause(500);
    writing = false;
    await writers;
    ledger.writes.set("paused", undefined);
    const { writes, acknowledged } = await ledger.settle();
    const grown = memoryOf(server.child.pid) - before;
    console.log(`  ${acknowledged} of ${writes} writes were acknowledged, all are there once; ${grown.toFixed(0)} MB more`);
    check(grown < 100, "the memory grew");
    await server.stop();
  } finally {
    await server.kill();
  }
}

/** A disk that fills up under a writing load, and has room again later. */
export async function full({ scratch }) {
  const disk = path.join(scratch, "full");
  mkdirSync(disk);
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=120m,mode=755", "tmpfs", disk]);
  const server = await Server.in(path.join(disk, "server"), FLAGS);
  // What it logs is not what fills the disk.
  server.log = path.join(scratch, "full.log");
  try {
    await server.start();
    const ledger = new Ledger(server, await server.tenant());
    ledger.note = "x".repeat(4000);
    let writing = true;
    const writers = Promise.all(Array.from({ length: 8 }, () => ledger.write(() => writing)));
    writers.catch(() => (writing = false));
    // Rows are compressed; a few large files make the time shorter.
    execFileSync("sh", ["-c", `head -c $(( $(df --output=avail -B1 ${disk} | tail -1) - 20000000 )) /dev/zero > ${disk}/ballast`]);
    await eventually("writes are refused", () => {
      if (!writing) return true;
      return ledger.answers.has(503);
    }, 180_000);
    await pause(3000);
    check((await status(server, "/livez")) === 200, "the server does not live");
    console.log(`  full after ${[...ledger.writes.values()].filter(Boolean).length} acknowledged writes`);
    execFileSync("mount", ["-o", "remount,size=1g", disk]);
    await server.ready();
    const then = ledger.answers.get(201);
    await eventually("writes are taken again", () => ledger.answers.get(201) > then);
    writing = false;
    await writers;
    const { writes, acknowledged } = await ledger.settle();
    const answers = [...ledger.answers].map(([code, times]) => `${code}: ${times}`);
    console.log(`  ${acknowledged} of ${writes} writes were acknowledged, all are there once; answers ${answers.join(", ")}`);
    await server.stop();
  } finally {
    await server.kill();
    await eventually("the disk is let go", () => unmounted(disk));
  }
}

function unmounted(disk) {
  try {
    execFileSync("umount", [disk], { stdio: "pipe" });
    return true;
  } catch {
    // Processes that end still hold it.
    return false;
  }
}

async function status(server, to) {
  const response = await fetch(server.url + to, { signal: AbortSignal.timeout(10_000) });
  await response.arrayBuffer();
  return response.status;
}
