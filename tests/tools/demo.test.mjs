// `steward serve --demo`: each family has a business to look at, once, and the calls that are
// printed work as they are printed.

import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";

import { binary } from "../browser/support/steward.js";

const run = promisify(execFile);

/** Starts the demo, and answers what it prints until it is ready, with a way to end it. */
async function demo(data) {
  const words = ["serve", "--demo", "--listen", "127.0.0.1:0", "--data-dir", data];
  const child = spawn(binary, words, { stdio: ["ignore", "pipe", "pipe"] });
  let printed = "";
  let log = "";
  child.stderr.on("data", (bytes) => (log += bytes));
  const ended = once(child, "exit");
  const banner = new Promise((resolve, reject) => {
    child.stdout.on("data", (bytes) => {
      printed += bytes;
      if (/ClientService\/ListClients\n/.test(printed)) resolve(printed);
    });
    ended.then(([code]) => reject(new Error(`ended with ${code}\n${log}`)));
  });
  const stop = async () => {
    child.kill("SIGTERM");
    assert.deepEqual(await ended, [0, null], log);
  };
  return { banner: await banner, stop };
}

/** Where each family has its events. */
const EVENTS = ["/api/public/events", "/api/saas/me/events", "/changes"];

/** What the printed calls of curl answer, family by family; at other paths when there are some. */
async function lists(banner, paths) {
  const answers = [];
  for (const part of banner.split(/\n(?=(?:facilities|rentals|cleaning): )/).slice(1)) {
    const [token] = part.match(/TOKEN=\$\([^]*?\)'?\n\n/);
    const [list] = part.match(/curl -s http\S+ -H "Authorization: Bearer \$TOKEN"/);
    const path = paths?.[answers.length];
    const call = path ? list.replace(/(http:\/\/[^/]+)\S+/, `$1${path}`) : list;
    const { stdout } = await run("sh", ["-c", `${token}\n${call}`]);
    answers.push(JSON.parse(stdout));
  }
  return answers;
}

test("each family has a business, made once", async () => {
  const data = await mkdtemp(path.join(tmpdir(), "steward-demo-"));
  try {
    let tenants;
    for (const start of ["first", "second"]) {
      const { banner, stop } = await demo(data);
      try {
        const [facilities, rentals, cleaning] = await lists(banner);
        assert.equal(facilities.totalItems, 6, start);
        const states = rentals.data.map((booking) => booking.attributes.status).sort();
        const expected = ["cancelled", "completed", "drafting", "negotiating", "ongoing", "reserved"];
        assert.deepEqual(states, expected, start);
        assert.ok(rentals.data.every((booking) => booking.attributes.total > 0), start);
        const clients = cleaning.items.map(({ firstName, status }) => [firstName, status]).sort();
        const names = ["Marcus", "Noah", "Olivia", "Priya"];
        assert.deepEqual(clients, names.map((name) => [name, "Active"]), start);
        const [first, second, third] = await lists(banner, EVENTS);
        const events = [first.items, second.data, third.items].map((list) => list.length);
        assert.ok(events.every((count) => count > 10), `${start}: ${events} events`);
        const found = banner.match(/tenant \d+/g);
        tenants ??= found;
        assert.deepEqual(found, tenants, "they are found again");
      } finally {
        await stop();
      }
    }
  } finally {
    await rm(data, { recursive: true, force: true });
  }
});
