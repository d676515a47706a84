// Servers that can be killed and started again, a database of their own, and chance that can be
// repeated.

import { execFile, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, readlinkSync, realpathSync } from "node:fs";
import { mkdir, open, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import path from "node:path";
import { promisify } from "node:util";

import { binary, token } from "../browser/support/steward.js";
import { program } from "../bench/seed.mjs";

export { memoryOf } from "../bench/growth.mjs";
export { psql } from "../bench/seed.mjs";

const run = promisify(execFile);

/** How long whatever is waited for may take, in milliseconds. */
export const PATIENCE = 60_000;

export const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Asks again until `probe` answers something, and fails after `limit` milliseconds. */
export async function eventually(what, probe, limit = PATIENCE) {
  const deadline = Date.now() + limit;
  for (;;) {
    const answer = await probe();
    if (answer) return answer;
    if (Date.now() > deadline) throw new Error(`${what}: not within ${limit} ms`);
    await pause(50);
  }
}

/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
export function chance(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function freePort(host = "127.0.0.1") {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, host, () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** A `steward serve` that stays at its port through all its lives. */
export class Server {
  constructor(directory, port, flags) {
    this.directory = directory;
    this.data = path.join(directory, "data");
    this.log = path.join(directory, "log");
    this.port = port;
    this.flags = flags;
    this.url = `http://127.0.0.1:${port}`;
    const external = flags.find((flag) => flag.startsWith("--database-url"));
    /** Where its data is: in PostgreSQL of its own, or in another's. */
    this.on = external ? [external] : ["--data-dir", this.data];
  }

  static async in(directory, flags = []) {
    await mkdir(directory, { recursive: true });
    return new Server(directory, await freePort(), flags);
  }

  async start() {
    const log = await open(this.log, "a");
    const words = ["serve", "--listen", `127.0.0.1:${this.port}`, ...this.on];
    const flags = this.flags.filter((flag) => !this.on.includes(flag));
    this.child = spawn(binary, [...words, ...flags], {
      stdio: ["ignore", "ignore", log.fd],
      // With a database elsewhere it keeps its files below where it is started.
      cwd: this.directory,
      env: environment(),
    });
    this.child.once("error", (error) => console.error(`${binary}: ${error.message}`));
    await log.close();
    await this.ready();
  }

  async ready(limit = PATIENCE) {
    await eventually(
      `the server on ${this.port} is ready`,
      async () => {
        if (!this.runs) throw new Error(`the server ended:\n${await this.tail()}`);
        const response = await fetch(`${this.url}/readyz`).catch(() => undefined);
        await response?.arrayBuffer();
        return response?.ok;
      },
      limit,
    );
  }

  get runs() {
    return this.child?.exitCode === null && this.child.signalCode === null;
  }

  /** Ends the server at once. */
  async kill() {
    if (!this.runs) return;
    this.child.kill("SIGKILL");
    await once(this.child, "exit");
  }

  /** Asks the server to end, and fails when it does not do so in good order. */
  async stop() {
    if (!this.runs) return;
    const impatient = setTimeout(() => this.child.kill("SIGKILL"), PATIENCE);
    this.child.kill("SIGTERM");
    const [code, signal] = await once(this.child, "exit");
    clearTimeout(impatient);
    if (code !== 0) throw new Error(`the server ended with ${code ?? signal}:\n${await this.tail()}`);
  }

  async tail() {
    return (await readFile(this.log, "utf8")).split("\n").slice(-20).join("\n");
  }

  /** Runs a command of steward on the data of this server; answers what it printed. */
  async say(...words) {
    const all = [...words.map(String), ...this.on];
    return (await run(binary, all, { env: environment() })).stdout.trim();
  }

  /** A token of a new tenant, and the tenant's id. */
  async tenant() {
    const { id } = JSON.parse(await this.say("tenant", "create", "--name", "Torture"));
    const client = JSON.parse(await this.say("client", "create", "--tenant", id, "--name", "T"));
    const { client_id, client_secret } = client;
    return { id, bearer: await token({ ...this, client: { id: client_id, secret: client_secret } }) };
  }

  databaseUrl() {
    return this.say("database-url");
  }

  /** The processes of the embedded PostgreSQL: the first one of them, and the others. */
  postgres() {
    const directory = path.join(this.data, "postgres");
    const first = Number(readFileSync(path.join(directory, "postmaster.pid"), "utf8").split("\n")[0]);
    const all = processesIn(realpathSync(directory));
    if (!all.includes(first)) throw new Error(`no process ${first} works in ${directory}`);
    return { first, all };
  }
}

/** The processes that work in a directory. */
function processesIn(directory) {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readlinkSync(`/proc/${pid}/cwd`) === directory;
      } catch {
        // It has ended meanwhile.
        return false;
      }
    })
    .map(Number);
}

/** Sends a signal to processes, some of which may have ended meanwhile. */
export function signal(pids, name) {
  for (const pid of pids) {
    try {
      process.kill(pid, name);
    } catch (error) {
      if (error.code !== "ESRCH") throw error;
    }
  }
}

/** A PostgreSQL of the test's own, not steward's, that listens on `host`. */
export class Database {
  /** @param {string[]} inside words that come before every command, such as those of nsenter */
  constructor(directory, host, port, inside = []) {
    Object.assign(this, { directory, host, port, inside });
    this.data = path.join(directory, "cluster");
    this.url = `postgresql://owner@${host}:${port}/steward?sslmode=disable`;
  }

  async start(settings = []) {
    await mkdir(this.directory, { recursive: true });
    if (process.getuid() === 0) execFileSync("chown", ["postgres", this.directory]);
    const initdb = ["--pgdata", this.data, "--username=owner", "--auth=trust", "--encoding=UTF8"];
    execFileSync(...command([program("initdb"), ...initdb, "--locale=C"]), { cwd: "/", stdio: "pipe" });
    const hba = path.join(this.data, "pg_hba.conf");
    await writeFile(hba, "local all all trust\nhost all all all trust\n");
    const log = await open(path.join(this.directory, "..", "postgres.log"), "a");
    const words = [
      ...["-D", this.data, "-h", this.host, "-p", String(this.port), "-k", this.directory],
      ...["max_connections=100", "shared_buffers=128MB", ...settings].flatMap((one) => ["-c", one]),
    ];
    const [first, rest] = command([program("postgres"), ...words]);
    const [outer, ...others] = [...this.inside, first, ...rest];
    this.child = spawn(outer, others, { cwd: "/", stdio: ["ignore", log.fd, log.fd] });
    await log.close();
    await eventually("PostgreSQL accepts", async () => {
      if (this.child.exitCode !== null) throw new Error("PostgreSQL ended");
      const socket = `postgresql://owner@${encodeURIComponent(this.directory)}:${this.port}/postgres`;
      const made = run(program("psql"), [socket, "--no-psqlrc", "-c", "CREATE DATABASE steward"]);
      return made.then(
        () => true,
        () => false,
      );
    });
  }

  async stop() {
    if (this.child?.exitCode !== null || this.child.signalCode !== null) return;
    const first = Number((await readFile(path.join(this.data, "postmaster.pid"), "utf8")).split("\n")[0]);
    process.kill(first, "SIGINT");
    await once(this.child, "exit");
  }
}

/** PostgreSQL refuses to be run by root. */
function command([name, ...words]) {
  if (process.getuid() !== 0) return [name, words];
  return ["setpriv", ["--reuid=postgres", "--regid=postgres", "--init-groups", name, ...words]];
}

/** Settings of whoever runs this must not reach the servers. */
function environment() {
  const kept = Object.entries(process.env).filter(
    ([name]) => !name.startsWith("STEWARD_") || name === "STEWARD_PG_BIN",
  );
  // Tests call more often than clients may.
  return { ...Object.fromEntries(kept), STEWARD_RATE_LIMITS: "off" };
}

export function check(condition, text) {
  if (!condition) throw new Error(text);
}
