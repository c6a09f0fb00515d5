import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import { listSources } from "../advisories/sync.ts";
import { countStandings } from "../catalog/standings.ts";
import type { Intake } from "../intake/intake.ts";

/** What Prometheus may scrape at /metrics. */
export interface Metrics {
  /** Counts a protocol request; seconds from its arrival to the end of its answer. */
  request(ecosystem: string, status: number, seconds: number): void;
  /** Counts a request that was answered with a kept page; without its duration, which would cost more than the answer. */
  hotPage(status: number): void;
  /** The text exposition format. */
  text(): Promise<string>;
  readonly contentType: string;
}

/** Opens the metrics of a server; queue depths and inspectors are read when scraped. */
export function openMetrics(intake: Intake): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const requests = new Counter({
    name: "portcullis_requests_total",
    help: "Protocol requests by ecosystem and status.",
    labelNames: ["ecosystem", "status"],
    registers,
  });
  const seconds = new Histogram({
    name: "portcullis_request_seconds",
    help: "Seconds from a protocol request's arrival to the end of its answer.",
    labelNames: ["ecosystem"],
    buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10, 30],
    registers,
  });
  new Gauge({
    name: "portcullis_inspections_waiting",
    help: "Artifacts waiting for an inspector.",
    registers,
    collect() {
      this.set(intake.inspectors.load().waiting);
    },
  });
  new Gauge({
    name: "portcullis_inspections_running",
    help: "Artifacts being inspected.",
    registers,
    collect() {
      this.set(intake.inspectors.load().running);
    },
  });
  new Gauge({
    name: "portcullis_jobs",
    help: "Background jobs waiting or running, by kind.",
    labelNames: ["kind"],
    registers,
    async collect() {
      this.reset();
      for (const [kind, depth] of Object.entries(await intake.app.queue.depth())) this.set({ kind }, depth);
    },
  });
  new Gauge({
    name: "portcullis_standings",
    help: "Artifacts by feed and standing.",
    labelNames: ["feed", "state"],
    registers,
    async collect() {
      for (const { feed, state, count } of await countStandings(intake.app)) this.set({ feed, state }, count);
    },
  });
  new Gauge({
    name: "portcullis_advisory_breakers_open",
    help: "Whether the circuit breaker of an advisory source is open: 0 or 1.",
    labelNames: ["source"],
    registers,
    async collect() {
      this.reset();
      for (const { name, tripped } of await listSources(intake.app))
        this.set({ source: name }, tripped === null ? 0 : 1);
    },
  });
  const hotPages = new Counter({
    name: "portcullis_hot_pages_total",
    help: "Index documents answered from memory without passing the gate's steps again, by status.",
    labelNames: ["status"],
    registers,
    collect() {
      for (const [status, count] of hotCounts) this.inc({ status }, count);
      hotCounts.clear();
    },
  });
  const hotCounts = new Map<number, number>();
  hotPages.inc({ status: 200 }, 0);
  return {
    hotPage: (status) => void hotCounts.set(status, (hotCounts.get(status) ?? 0) + 1),
    request(ecosystem, status, took) {
      requests.inc({ ecosystem, status });
      seconds.observe({ ecosystem }, took);
    },
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
}
