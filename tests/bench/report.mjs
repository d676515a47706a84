// The figures as a table, as JSON, and as a chart for each workload.

import { writeFile } from "node:fs/promises";
import path from "node:path";

/** What the subjects are called, and whether they are steward. */
const NAMES = {
  pgbench: ["PostgreSQL alone (pgbench)", false],
  grpc: ["steward, gRPC", true],
  "grpc-web": ["steward, grpc-web", true],
  json: ["steward, JSON", true],
  envoy: ["Envoy before steward, JSON", false],
  fastify: ["Fastify + pg, JSON", false],
  fastapi: ["FastAPI + asyncpg, JSON", false],
};

/**
 * Writes everything, and answers whether a figure that is aimed at was missed.
 *
 * @param {{ workload: object, subject: string, figures: number[] }[]} results calls a second
 * @param {{ name: string, value: number, unit: string, most?: number }[]} more other figures
 */
export async function report(results, targets, more, facts, directory) {
  const median_of = (workload, subject) => {
    const found = results.find((one) => one.workload.name === workload && one.subject === subject);
    return found && median(found.figures);
  };
  const { rounds, seconds, owners, peak, judged } = facts;
  console.log(`\nMedians of ${rounds} rounds of ${seconds} s, ${owners} owners:`);
  const workloads = [...new Set(results.map(({ workload }) => workload))];
  for (const { name, title } of workloads) {
    console.log(`\n  ${title}`);
    const json = median_of(name, "json");
    for (const { subject, figures } of results.filter((one) => one.workload.name === name)) {
      const value = median(figures);
      const range = `${Math.round(Math.min(...figures))} to ${Math.round(Math.max(...figures))}`;
      const times = json && subject !== "json" ? `  our JSON is ${(json / value).toFixed(2)} x that` : "";
      console.log(
        `    ${NAMES[subject][0].padEnd(28)} ${String(Math.round(value)).padStart(7)} a second` +
          `  (${range})${times}`,
      );
    }
    await writeFile(path.join(directory, `${name}.svg`), chart(title, name, results));
  }
  const ratios = targets.flatMap(({ workload, of, to, least }) => {
    const [mine, theirs] = [median_of(workload, of), median_of(workload, to)];
    if (!mine || !theirs) return [];
    return [{ name: `${workload}: ${NAMES[of][0]} / ${NAMES[to][0]}`, value: mine / theirs, least }];
  });
  const memory = [{ name: "memory of the server under all this load", value: peak, unit: "MB", most: 150 }];
  const figures = [...ratios, ...memory, ...more];
  console.log();
  for (const figure of figures) {
    const { name, value, unit = "", least, most } = figure;
    figure.reached = (least === undefined || value >= least) && (most === undefined || value <= most);
    const aim = least === undefined ? most === undefined ? "" : `at most ${most}` : `at least ${least}`;
    const verdict = aim && judged && `  ${aim}: ${figure.reached ? "PASS" : "MISS"}`;
    console.log(`  ${value.toFixed(2).padStart(9)} ${unit.padEnd(2)}  ${name}${verdict || ""}`);
  }
  const rates = results.map(({ workload, subject, figures: all }) => ({
    workload: workload.name,
    subject,
    unit: "calls a second",
    median: median(all),
    all,
  }));
  const file = path.join(directory, "results.json");
  await writeFile(file, `${JSON.stringify({ ...facts, rates, figures }, null, 2)}\n`);
  console.log(`\nCharts and figures are in ${directory}`);
  return figures.some(({ reached }) => !reached);
}

export function median(figures) {
  const sorted = [...figures].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Bars, the longer the faster; readable on a light and on a dark page. */
function chart(title, name, results) {
  const rows = results
    .filter(({ workload }) => workload.name === name)
    .map(({ subject, figures }) => ({ subject, value: median(figures) }));
  const most = Math.max(...rows.map(({ value }) => value));
  const [left, width, high] = [210, 380, 26];
  const bars = rows.map(({ subject, value }, at) => {
    const [label, ours] = NAMES[subject];
    const y = 44 + at * high;
    const long = Math.max(1, Math.round((value / most) * width));
    const rate = Math.round(value).toLocaleString("en");
    return `  <text x="${left - 10}" y="${y + 14}" text-anchor="end">${label}</text>
  <rect x="${left}" y="${y}" width="${long}" height="18" rx="2" fill="${ours ? "#2f81f7" : "#8b949e"}"/>
  <text x="${left + long + 6}" y="${y + 14}">${rate}</text>`;
  });
  const height = 56 + rows.length * high;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="680" height="${height}" viewBox="0 0 680 ${height}" role="img" aria-label="${title}: calls a second">
  <style>text { font: 13px system-ui, sans-serif; fill: #57606a } .title { font-weight: 600 }
    @media (prefers-color-scheme: dark) { text { fill: #c9d1d9 } }</style>
  <text class="title" x="10" y="24">${title}: calls a second</text>
${bars.join("\n")}
</svg>
`;
}
