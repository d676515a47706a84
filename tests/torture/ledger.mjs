// Writers that know of every write whether it was acknowledged, and the proof that nothing that
// was acknowledged is lost, and nothing is there by half or twice.

import { check, eventually, pause, psql } from "./support.mjs";

/** How long a writer waits for an answer, in milliseconds. */
const ANSWER_WITHIN = 20_000;

export class Ledger {
  /** @param {{ url: string }} server @param {{ id: number, bearer: string }} tenant */
  constructor(server, tenant) {
    this.server = server;
    this.tenant = tenant;
    /** The id that was acknowledged for a key, or undefined when nobody knows. */
    this.writes = new Map();
    /** How often a write was answered with a status. */
    this.answers = new Map();
    this.next = 0;
  }

  /** What is sent for a key. The same key always asks for the same. */
  #body(key) {
    return { email: `${key}@example.com`, name: `Owner of ${key}`, additionalNote: this.note };
  }

  async call(method, path, body, headers = {}) {
    const response = await fetch(this.server.url + path, {
      method,
      headers: {
        authorization: `Bearer ${this.tenant.bearer}`,
        ...(body && { "content-type": "application/json" }),
        ...headers,
      },
      body: body && JSON.stringify(body),
      signal: AbortSignal.timeout(ANSWER_WITHIN),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, json: text ? JSON.parse(text) : undefined };
  }

  create(key) {
    return this.call("POST", "/api/public/Owners", this.#body(key), { "idempotency-key": key });
  }

  /** Writes one after the other until `goesOn` says no. */
  async write(goesOn) {
    while (goesOn()) {
      this.next += 1;
      const key = `w${this.next}`;
      this.writes.set(key, undefined);
      try {
        const { status, headers } = await this.create(key).then((answer) => {
          if (answer.status === 201) this.writes.set(key, answer.json.id);
          return answer;
        });
        this.answers.set(status, (this.answers.get(status) ?? 0) + 1);
        if (status === 201) continue;
        check([503, 504].includes(status), `a write was answered ${status}`);
        check(status !== 503 || headers.has("retry-after"), "503 without Retry-After");
      } catch (error) {
        if (!gone(error)) throw error;
      }
      // Who is refused does not knock at once.
      await pause(20);
    }
  }

  /**
   * Asks for every write once more, by its key: one that was acknowledged answers what it
   * answered, one of which nobody knew is done now, if it was not. Then all of them are there,
   * each once and whole.
   */
  async settle() {
    const keys = [...this.writes.keys()].filter((key) => !this.settled?.has(key));
    this.settled ??= new Set();
    const before = [...this.writes.values()].filter((id) => id !== undefined).length;
    for (let at = 0; at < keys.length; at += 16) {
      await Promise.all(keys.slice(at, at + 16).map((key) => this.#settleOne(key)));
    }
    await this.#compare();
    return { writes: this.writes.size, acknowledged: before };
  }

  async #settleOne(key) {
    const acknowledged = this.writes.get(key);
    // The first call may still be at work; a database that lost its client has to notice.
    const { status, headers, json } = await eventually(`an answer for ${key}`, async () => {
      const answer = await this.create(key).catch((error) => {
        if (gone(error)) return undefined;
        throw error;
      });
      return [undefined, 409, 503, 504].includes(answer?.status) ? undefined : answer;
    });
    check(status === 201, `${key} answers ${status}: ${JSON.stringify(json)}`);
    if (acknowledged !== undefined) {
      check(json.id === acknowledged, `${key} was ${acknowledged}, and is ${json.id} now`);
      check(headers.get("idempotency-replayed") === "true", `${key} was done twice`);
    }
    this.writes.set(key, json.id);
    this.settled.add(key);
  }

  /** What the database holds against what is known, without the server in between. */
  async #compare() {
    const url = this.databaseUrl ?? (this.databaseUrl = await this.server.databaseUrl());
    const of = `tenant_id = ${this.tenant.id}`;
    const [row] = await psql(
      url,
      `SELECT json_build_object(
         'owners', (SELECT count(*) FROM facilities.users WHERE ${of}),
         'emails', (SELECT count(DISTINCT lower(email)) FROM facilities.users WHERE ${of}),
         'counted', (SELECT sum(n) FROM platform.row_counts WHERE ${of} AND kind = 'facilities.users.1'),
         'events', (SELECT count(*) FROM platform.events WHERE ${of}),
         'last', (SELECT max(sequence) FROM platform.events WHERE ${of}),
         'head', (SELECT sequence FROM platform.event_heads WHERE ${of}),
         'keys', (SELECT count(*) FROM platform.idempotency_keys WHERE ${of}),
         'alone', (SELECT count(*) FROM facilities.users u WHERE ${of} AND NOT EXISTS (
            SELECT FROM platform.events e WHERE e.tenant_id = u.tenant_id
              AND e.resource_id = u.id::text AND e.resource ->> 'email' = u.email)))`,
    );
    const found = JSON.parse(row);
    const all = this.writes.size;
    const expected = { owners: all, emails: all, counted: all, events: all, last: all, head: all, keys: all, alone: 0 };
    check(
      Object.entries(expected).every(([name, value]) => Number(found[name]) === value),
      `expected ${JSON.stringify(expected)}, found ${row}`,
    );
    const ids = await psql(url, `SELECT id || ' ' || email FROM facilities.users WHERE ${of}`);
    const emails = new Map(ids.map((line) => line.split(" ")).map(([id, email]) => [Number(id), email]));
    for (const [key, id] of this.writes) {
      check(emails.get(id) === `${key}@example.com`, `${key} should be ${id}, which is ${emails.get(id)}`);
    }
  }
}

/** Whether a call failed because whom it was sent to is gone. */
function gone(error) {
  const code = error.cause?.code ?? error.cause?.cause?.code;
  return (
    ["ECONNREFUSED", "ECONNRESET", "EPIPE", "UND_ERR_SOCKET"].includes(code) ||
    /terminated|other side closed/.test(`${error.message} ${error.cause?.message}`)
  );
}
