// kill -9 of the server, of PostgreSQL, and of both, at random moments under a writing load.

import path from "node:path";

import { Ledger } from "./ledger.mjs";
import { Server, chance, pause, signal } from "./support.mjs";

const WRITERS = 8;
const VICTIMS = ["the server", "PostgreSQL's first process", "all of PostgreSQL", "both"];

export async function crash({ scratch, rounds, seed }) {
  const server = await Server.in(path.join(scratch, "crash"), ["--pool-wait=1s", "--request-timeout=10s"]);
  await server.start();
  try {
    const ledger = new Ledger(server, await server.tenant());
    for (let round = 1; round <= rounds; round += 1) {
      const random = chance(seed + round);
      const victim = VICTIMS[Math.floor(random() * VICTIMS.length)];
      const moment = 30 + Math.floor(random() * 700);
      let writing = true;
      const writers = Array.from({ length: WRITERS }, () => ledger.write(() => writing));
      const all = Promise.all(writers);
      // A writer that fails ends the round, but the kill comes first.
      all.catch(() => (writing = false));
      await pause(moment);
      const { first, all: processes } = server.postgres();
      if (victim === VICTIMS[1]) signal([first], "SIGKILL");
      if (victim === VICTIMS[2] || victim === "both") signal(processes, "SIGKILL");
      if (victim === "the server" || victim === "both") {
        await server.kill();
        await pause(random() * 200);
        await server.start();
      }
      // The load goes on over the recovery.
      await pause(300);
      writing = false;
      await all;
      await server.ready();
      const { writes, acknowledged } = await ledger.settle();
      console.log(
        `  round ${round}, seed ${seed + round}: ${victim} after ${moment} ms; ` +
          `${acknowledged} of ${writes} writes were acknowledged, all are there once`,
      );
    }
    const answers = [...ledger.answers].map(([status, times]) => `${status}: ${times}`);
    console.log(`  answers: ${answers.join(", ")}`);
    await server.stop();
  } finally {
    await server.kill();
  }
}
