import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { MetricRegistry } from './registry.ts';

/** Measuring that goes on until it is stopped. */
export interface ProcessMetrics {
  stop(): void;
}

/**
 * Adds what the process itself tells: memory, processor time, start, and how late the event loop runs. The lag is that
 * since the scrape before, so a stall is seen once and not averaged away.
 */
export function processMetrics(registry: MetricRegistry, version: string): ProcessMetrics {
  const build = registry.gauge(
    { name: 'ai_gateway_build_info', help: 'Always 1; the labels tell what runs.' },
    ['version', 'node'],
  );
  build.set([version, process.versions.node], 1);
  memoryMetrics(registry);
  const startedAtSeconds = Date.now() / 1_000 - process.uptime();
  registry.readGauge(
    {
      name: 'process_start_time_seconds',
      help: 'Start time of the process since the unix epoch in seconds.',
    },
    () => startedAtSeconds,
  );
  registry.readCounter(
    { name: 'process_cpu_seconds_total', help: 'Total user and system CPU time spent in seconds.' },
    () => {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1e6;
    },
  );
  return eventLoopLag(registry);
}

function memoryMetrics(registry: MetricRegistry): void {
  const resident = registry.gauge({
    name: 'process_resident_memory_bytes',
    help: 'Resident memory size in bytes.',
  });
  const heap = registry.gauge(
    { name: 'nodejs_heap_size_bytes', help: 'Heap of the JavaScript engine in bytes.' },
    ['kind'],
  );
  const external = registry.gauge({
    name: 'nodejs_external_memory_bytes',
    help: 'Memory of buffers and other things outside of the heap in bytes.',
  });
  registry.beforeScrape(() => {
    const memory = process.memoryUsage();
    resident.set([], memory.rss);
    heap.set(['used'], memory.heapUsed);
    heap.set(['total'], memory.heapTotal);
    external.set([], memory.external);
  });
}

function eventLoopLag(registry: MetricRegistry): ProcessMetrics {
  const sampler = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  sampler.enable();
  const lag = registry.gauge(
    {
      name: 'ai_event_loop_lag_seconds',
      help: 'How late the event loop ran since the scrape before, by percentile.',
    },
    ['percentile'],
  );
  registry.beforeScrape(() => {
    for (const percentile of [50, 90, 99, 100]) {
      // The sampler counts its own interval in; an idle loop has no lag.
      const delayMs = sampler.count === 0 ? 0 : sampler.percentile(percentile) / 1e6 - RESOLUTION_MS;
      lag.set([String(percentile)], Math.max(0, delayMs) / 1_000);
    }
    sampler.reset();
  });
  return { stop: () => void sampler.disable() };
}

const RESOLUTION_MS = 20;
