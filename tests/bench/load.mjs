// The load generators: pgbench, h2load and wrk. Each answers calls a second.

import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";

import { program } from "./seed.mjs";

const run = promisify(execFile);

/** Calls in flight: gRPC has 4 connections of 16 streams, what has no streams 64 connections. */
export const IN_FLIGHT = 64;

export class Load {
  /**
   * @param {string} scratch a directory for files that the generators read
   * @param {number} seconds how long each measurement takes
   */
  constructor(scratch, seconds) {
    this.scratch = scratch;
    this.seconds = seconds;
    this.files = 0;
  }

  /** A file that a generator reads. */
  async file(content) {
    this.files += 1;
    const file = path.join(this.scratch, `load-${this.files}`);
    await writeFile(file, content);
    return file;
  }

  /** @param {[string, number][]} scripts files of pgbench and their weights */
  async pgbench(url, scripts, environment) {
    const { stdout } = await run(
      program("pgbench"),
      [
        ...["--no-vacuum", "--protocol=prepared", "--client=16", "--jobs=2"],
        `--time=${this.seconds}`,
        ...scripts.map(([file, weight]) => `--file=${file}@${weight}`),
        url,
      ],
      { env: { ...process.env, ...environment } },
    );
    return number(stdout, /^tps = ([\d.]+)/m);
  }

  /**
   * gRPC. Each body has connections of its own, on which the paths follow one another.
   *
   * @param {string[]} paths `/package.Service/Method`
   * @param {string[]} bodies files with framed messages
   */
  async h2load(url, paths, bodies, bearer, options = []) {
    const uris = await this.file(paths.map((one) => `${url}${one}\n`).join(""));
    const rates = bodies.map(async (body) => {
      const { stdout } = await run("h2load", [
        ...["--clients=1", `--max-concurrent-streams=${IN_FLIGHT / bodies.length}`, "--threads=1"],
        ...[`--duration=${this.seconds}`, "--warm-up-time=1", `--data=${body}`],
        ...["--header=content-type: application/grpc", "--header=te: trailers"],
        ...[`--header=authorization: Bearer ${bearer}`, ...options, `--input-file=${uris}`],
      ]);
      const failed = number(stdout, /(\d+) failed/) + number(stdout, /(\d+) errored/);
      if (failed > 0) throw new Error(stdout);
      return number(stdout, /([\d.]+) req\/s/);
    });
    return (await Promise.all(rates)).reduce((sum, rate) => sum + rate);
  }

  /**
   * Calls over HTTP/1.1, one of `requests` after the other.
   *
   * @param {{ method: string, path: string, type?: string, body?: Buffer | string }[]} requests
   */
  async wrk(url, requests, bearer) {
    const lines = requests.map(({ method, path: to, type, body }) => {
      const headers = { Authorization: `Bearer ${bearer}`, ...(type && { "Content-Type": type }) };
      const table = Object.entries(headers).map(([name, value]) => `[${lua(name)}] = ${lua(value)}`);
      return `wrk.format(${lua(method)}, ${lua(to)}, { ${table.join(", ")} }, ${body ? lua(body) : "nil"})`;
    });
    const script = await this.file(
      `local requests, at
       function init() requests, at = { ${lines.join(", ")} }, 0 end
       function request() at = at % #requests + 1 return requests[at] end`,
    );
    const { stdout } = await run("wrk", [
      ...["--threads=1", `--connections=${IN_FLIGHT}`, `--duration=${this.seconds}s`, "--timeout=30s"],
      ...["--script", script, url],
    ]);
    if (/Non-2xx|Socket errors/.test(stdout)) throw new Error(stdout);
    return number(stdout, /Requests\/sec: +([\d.]+)/);
  }
}

export function number(text, pattern) {
  const found = text.match(pattern)?.[1];
  if (found === undefined) throw new Error(`no figure in:\n${text}`);
  return Number(found);
}

/** A text as Lua writes it, whatever bytes it holds. */
function lua(text) {
  const bytes = [...Buffer.from(text)];
  return `"${bytes.map((byte) => `\\${String(byte).padStart(3, "0")}`).join("")}"`;
}

/** A message as it travels over gRPC: not compressed, its length, its bytes. */
export function framed(message) {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, Buffer.from(message)]);
}

/** Fields of a message: whole numbers, texts, and messages as arrays of bytes. */
export function message(fields) {
  return Object.entries(fields).flatMap(([tag, value]) => {
    if (typeof value === "number") return [...varint(tag * 8), ...varint(value)];
    const bytes = [...(typeof value === "string" ? Buffer.from(value) : value)];
    return [...varint(tag * 8 + 2), ...varint(bytes.length), ...bytes];
  });
}

function varint(value) {
  const bytes = [];
  let rest = value;
  while (rest > 127) {
    bytes.push((rest & 127) | 128);
    rest = Math.floor(rest / 128);
  }
  return [...bytes, rest];
}
