// The documentation page. Reads the OpenAPI document of a family and makes the page from it;
// everything shown is set as text, never as markup.
"use strict";

const byId = (id) => document.getElementById(id);
let api = null;

/** Makes an element: attributes, then children, which are elements or texts. */
function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(key, "");
    else if (value !== false && value !== undefined) element.setAttribute(key, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

// === Schemas ===

/** What a reference leads to, or the thing itself. */
function resolve(thing) {
  if (!thing || !thing.$ref) return thing || {};
  return thing.$ref.slice(2).split("/").reduce((at, key) => at[key], api);
}

/** The schema without its null, and whether it had one. */
function split(schema) {
  const whole = resolve(schema);
  if (whole.anyOf) {
    const value = whole.anyOf.find((one) => one.type !== "null");
    return { schema: resolve(value), nullable: true };
  }
  if (Array.isArray(whole.type)) {
    const type = whole.type.find((one) => one !== "null");
    return { schema: { ...whole, type }, nullable: whole.type.includes("null") };
  }
  return { schema: whole, nullable: false };
}

/** The members of an object in the order of the contract. */
function members(schema) {
  const properties = schema.properties || {};
  const order = schema["x-order"] || Object.keys(properties);
  return order.map((name) => [name, properties[name]]);
}

function typeName(schema) {
  const { schema: value, nullable } = split(schema);
  let name = value.type || "any";
  if (value.type === "array") name = `list of ${typeName(value.items)}`;
  else if (value.const) name = JSON.stringify(value.const);
  else if (value.enum) name = value.enum.filter((one) => one !== null).join(" | ");
  else if (value.format) name += ` (${value.format})`;
  if (value.maxLength) name += `, at most ${value.maxLength} characters`;
  return nullable ? `${name} or null` : name;
}

const SAMPLES = { email: "user@example.com", uri: "https:" + "//example.com/file", password: "secret",
  "date-time": "2021-12-16T10:41:51.018Z" };

/** An example value, made from the schema. */
function example(schema, depth = 0) {
  const { schema: value } = split(schema);
  if (value.examples) return value.examples[0];
  if (value.const) return value.const;
  if (value.enum) return value.enum[0];
  if (depth > 5) return null;
  switch (value.type) {
    case "object":
      return Object.fromEntries(members(value)
        .map(([name, member]) => [name, example(member, depth + 1)]));
    case "array": return [example(value.items, depth + 1)];
    case "integer": return 1;
    case "number": return 650.5;
    case "boolean": return true;
    default: return SAMPLES[value.format] || "text";
  }
}

/** Rows for all members of an object, those of inner objects by their dotted names. Only what
 * a client sends can be required of it. */
function rows(schema, sent, prefix = "", depth = 0) {
  const { schema: value } = split(schema);
  if (value.type === "array") return rows(value.items, sent, `${prefix}[]`, depth);
  if (value.type !== "object" || depth > 3) return [];
  return members(value).flatMap(([name, member]) => {
    const path = prefix ? `${prefix}.${name}` : name;
    const must = sent && (value.required || []).includes(name);
    const row = make("tr", {}, make("td", {}, make("code", {}, path), must ? make("span", { class: "must", title: "required" }, " *") : ""),
      make("td", {}, typeName(member)), make("td", {}, member.description || ""));
    return [row, ...rows(member, sent, path, depth + 1)];
  });
}

function table(heads, body) {
  return make("div", { class: "scroll", tabindex: "0" }, make("table", {},
    make("thead", {}, make("tr", {}, ...heads.map((head) => make("th", { scope: "col" }, head)))),
    make("tbody", {}, ...body)));
}

function schemaView(schema, sent) {
  const body = rows(schema, sent);
  return body.length ? table(["Member", "Type", "Meaning"], body) : make("p", {}, typeName(schema));
}

// === Operations ===

function details(operation) {
  const { spec } = operation;
  const body = make("div", { class: "body" });
  for (const paragraph of (spec.description || "").split("\n\n")) body.append(make("p", {}, paragraph));
  body.append(make("p", { class: "facts" }, "gRPC ", make("code", {}, spec["x-rpc"]),
    spec["x-permission"] ? " · permission " : " · no token needed",
    spec["x-permission"] ? make("code", {}, spec["x-permission"]) : ""));
  const parameters = spec.parameters || [];
  if (parameters.length) {
    body.append(make("h3", {}, "Parameters"), table(["Name", "In", "Type", "Meaning"],
      parameters.map((one) => make("tr", {},
        make("td", {}, make("code", {}, one.name), one.required ? make("span", { class: "must", title: "required" }, " *") : ""),
        make("td", {}, one.in), make("td", {}, typeName(one.schema)), make("td", {}, one.description || "")))));
  }
  if (spec.requestBody) {
    const [kind, content] = bodyContent(spec);
    body.append(make("h3", {}, `Request body, ${kind}`), schemaView(content.schema, true));
  }
  for (const [status, response] of Object.entries(spec.responses)) {
    if (!/^2/.test(status)) continue;
    body.append(make("h3", {}, `Answer ${status}`));
    const content = Object.values(resolve(response).content || {})[0];
    if (!content || !content.schema) { body.append(make("p", {}, "No body.")); continue; }
    body.append(schemaView(content.schema, false),
      make("details", {}, make("summary", {}, "Example"),
        make("pre", { tabindex: "0" }, JSON.stringify(example(content.schema), null, 2))));
  }
  const failures = Object.entries(spec.responses).filter(([status]) => !/^2/.test(status));
  body.append(make("h3", {}, "Failures"), table(["Status", "When"], failures.map(([status, response]) =>
    make("tr", {}, make("td", {}, status), make("td", {}, response.description || resolve(response).description)))));
  body.append(tryForm(operation));
  return body;
}

/** The body's content type and schema; a form where there is one. */
function bodyContent(spec) {
  const content = Object.entries(spec.requestBody.content);
  return content.find(([kind]) => kind.includes("form")) || content[0];
}

/** The member of a parameter: `filter` and `created_at[gte]` make `filter[created_at][gte]`. */
function deepName(parameter, member) {
  const [, base, rest] = member.match(/^([^[]*)(.*)$/);
  return `${parameter}[${base}]${rest}`;
}

function tryForm({ method, path, spec }) {
  const form = make("form", {});
  const fields = make("div", { class: "fields" });
  const inputs = (spec.parameters || []).map((one) => {
    const input = make("input", { autocomplete: "off", required: one.required, spellcheck: "false" });
    const deep = one.style === "deepObject";
    if (deep) input.placeholder = one.name === "filter" ? "name=Ana&created_at[gte]=2030-01-01" : "name=value&name=value";
    fields.append(make("label", {}, deep ? `${one.name}[…] (${one.in})` : `${one.name} (${one.in})`, input));
    return { one, input };
  });
  let body = null;
  let kind = null;
  if (spec.requestBody) {
    const [type, content] = bodyContent(spec);
    kind = type;
    if (kind.includes("form")) {
      body = members(split(content.schema).schema).map(([name]) => {
        const secret = name.includes("secret");
        const value = { grant_type: "client_credentials", scope: "openid api" }[name] || "";
        const input = make("input", { type: secret ? "password" : "text", value, autocomplete: "off" });
        fields.append(make("label", {}, name, input));
        return { name, input };
      });
    } else {
      body = make("textarea", { "aria-label": "Request body", spellcheck: "false" });
      body.value = JSON.stringify(example(content.schema), null, 2);
    }
  }
  const output = make("div", { role: "status" });
  form.append(fields, Array.isArray(body) || !body ? "" : body, make("button", { type: "submit" }, "Send"));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    let url = path;
    const query = new URLSearchParams();
    for (const { one, input } of inputs) {
      if (one.in === "path") url = url.replace(`{${one.name}}`, encodeURIComponent(input.value));
      else if (input.value === "") continue;
      else if (one.style === "deepObject") {
        for (const [name, value] of new URLSearchParams(input.value)) query.append(deepName(one.name, name), value);
      } else query.append(one.name, input.value);
    }
    if ([...query].length) url += `?${query}`;
    const headers = {};
    const token = byId("token").value.trim();
    if (token && !(spec.security && !spec.security.length)) headers.Authorization = `Bearer ${token}`;
    const options = { method: method.toUpperCase(), headers, cache: "no-store", credentials: "omit" };
    if (body) {
      headers["Content-Type"] = kind;
      options.body = Array.isArray(body)
        ? new URLSearchParams(body.map(({ name, input }) => [name, input.value])).toString()
        : body.value;
    }
    await send(url, options, output, Array.isArray(body));
  });
  return make("div", { class: "try" }, make("h3", {}, "Try it"), form, output);
}

async function send(url, options, output, secret) {
  output.replaceChildren(make("p", {}, "Waiting …"));
  const started = performance.now();
  try {
    const response = await fetch(url, options);
    const text = await response.text();
    const time = Math.round(performance.now() - started);
    const shown = ["content-type", "location", "retry-after", "www-authenticate", "x-request-id"]
      .filter((name) => response.headers.has(name)).map((name) => `${name}: ${response.headers.get(name)}`);
    output.replaceChildren(
      make("p", {}, make("span", { class: `status ${response.ok ? "good" : "bad"}` }, `${response.status} ${response.statusText}`), ` in ${time} ms`),
      make("pre", { tabindex: "0" }, [...shown, "", pretty(text)].join("\n").trim()),
      make("details", {}, make("summary", {}, "curl"), make("pre", { tabindex: "0" }, curl(url, options, secret))));
  } catch (error) {
    output.replaceChildren(make("p", { class: "bad" }, `The server could not be reached: ${error.message}`));
  }
}

function pretty(text) {
  try { return JSON.stringify(JSON.parse(text), null, 2); } catch { return text; }
}

/** The call as a shell command; tokens and secrets are left for the reader to fill in. */
function curl(url, options, secret) {
  const quote = (text) => `'${text.replaceAll("'", "'\\''")}'`;
  const parts = [`curl -i -X ${options.method} ${quote(location.origin + url)}`];
  for (const [name, value] of Object.entries(options.headers)) {
    parts.push(name === "Authorization" ? `-H "Authorization: Bearer $TOKEN"` : `-H ${quote(`${name}: ${value}`)}`);
  }
  if (secret) parts.push(`-d "client_id=$CLIENT_ID&client_secret=$CLIENT_SECRET&scope=openid+api&grant_type=client_credentials"`);
  else if (options.body) parts.push(`-d ${quote(options.body)}`);
  return parts.join(" \\\n  ");
}

// === The page ===

function operations() {
  return Object.entries(api.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, spec]) => ({ path, method, spec })));
}

function show() {
  const words = byId("search").value.toLowerCase().split(/\s+/).filter(Boolean);
  const matches = ({ path, method, spec }) => {
    const text = [path, method, spec.summary, spec.description, spec.operationId, spec["x-permission"]].join(" ").toLowerCase();
    return words.every((word) => text.includes(word));
  };
  const found = operations().filter(matches);
  const nav = [];
  const main = [];
  for (const tag of api.tags) {
    const mine = found.filter(({ spec }) => spec.tags.includes(tag.name));
    if (!mine.length) continue;
    const title = tag.name.replace(/([a-z])([A-Z])/g, "$1 $2");
    nav.push(make("strong", {}, title));
    main.push(make("div", { class: "tag" }, make("h2", {}, title), make("p", {}, tag.description || "")));
    for (const operation of mine) {
      const { path, method, spec } = operation;
      const badge = () => make("span", { class: `method ${method}` }, method.toUpperCase());
      nav.push(make("a", { href: `#${spec.operationId}` }, badge(), make("span", {}, spec.summary)));
      const card = make("details", { class: `operation${spec.deprecated ? " deprecated" : ""}`, id: spec.operationId },
        make("summary", {}, badge(), make("span", { class: "path" }, path), make("span", { class: "what" }, spec.summary)));
      // Filled when first opened: a family may have hundreds of operations.
      card.addEventListener("toggle", () => {
        if (card.open && card.children.length === 1) card.append(details(operation));
      });
      main.push(card);
    }
  }
  byId("nav").replaceChildren(...nav);
  byId("operations").replaceChildren(...(main.length ? main : [make("p", {}, "Nothing matches.")]));
}

function follow() {
  const card = location.hash && byId(decodeURIComponent(location.hash.slice(1)));
  if (card && card.tagName === "DETAILS") {
    card.open = true;
    card.scrollIntoView();
    card.querySelector("summary").focus({ preventScroll: true });
  }
}

async function load(family) {
  const url = `/openapi/${encodeURIComponent(family)}.json`;
  byId("document").href = url;
  api = await (await fetch(url)).json();
  document.title = `${api.info.title} API`;
  show();
  follow();
}

async function getToken(event) {
  event.preventDefault();
  const state = byId("auth-state");
  const flow = api.components.securitySchemes.token.flows;
  if (!flow) { state.textContent = "This family has no token endpoint; paste a token."; return; }
  const body = new URLSearchParams({ grant_type: "client_credentials", scope: "openid api",
    client_id: byId("client").value.trim(), client_secret: byId("secret").value.trim() });
  try {
    const response = await fetch(flow.clientCredentials.tokenUrl, { method: "POST", body, cache: "no-store" });
    const answer = await response.json();
    if (response.ok) {
      byId("token").value = answer.access_token;
      state.className = "good";
      state.textContent = `The token is valid for ${Math.round(answer.expires_in / 60)} minutes.`;
    } else {
      state.className = "bad";
      state.textContent = answer.error_description || answer.Detail || `The server answered ${response.status}.`;
    }
  } catch (error) {
    state.className = "bad";
    state.textContent = `The server could not be reached: ${error.message}`;
  }
}

function setTheme(theme) {
  document.documentElement.dataset.theme = theme;
}

async function start() {
  setTheme(matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  byId("theme").addEventListener("click", () =>
    setTheme(document.documentElement.dataset.theme === "dark" ? "light" : "dark"));
  byId("auth").addEventListener("submit", getToken);
  byId("search").addEventListener("input", () => api && show());
  byId("family").addEventListener("change", (event) => load(event.target.value));
  addEventListener("hashchange", follow);
  addEventListener("keydown", (event) => {
    if (event.key === "/" && !/^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) {
      event.preventDefault();
      byId("search").focus();
    }
  });
  try {
    const families = await (await fetch("/docs/families.json")).json();
    byId("family").append(...families.map((name) => make("option", { value: name }, name)));
    await load(families[0]);
  } catch (error) {
    byId("operations").replaceChildren(make("p", { class: "bad" }, `The contract could not be loaded: ${error.message}`));
  }
}

start();
