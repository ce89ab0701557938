import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { startChild } from '../child.ts';
import { CPU, SCRATCH } from '../places.ts';
import type { HttpRequest } from './http-text.ts';

/** What wrk saw. */
export interface WrkResult {
  readonly requests: number;
  readonly seconds: number;
  readonly bytes: number;
  /** Answers above 399, and connections that failed. */
  readonly failed: number;
  /** Requests that took longer than wrk's two seconds; they are counted as answered all the same. */
  readonly late: number;
}

/** Saturates a program with one request over a number of connections that stay open; wrk takes whole seconds. */
export async function runWrk(request: HttpRequest, connections: number, seconds: number): Promise<WrkResult> {
  const script = path.join(SCRATCH, 'load.lua');
  writeFileSync(script, luaScript(request));
  const url = `http://127.0.0.1:${request.port}${request.path}`;
  const args = ['-t1', `-c${connections}`, `-d${seconds}s`, '--latency', '-s', script, url];
  const output = await startChild(['wrk', ...args], { cpu: CPU.rest }).output;
  const result = /^RESULT (.*)$/m.exec(output)?.[1];
  if (result === undefined) throw new Error(`wrk failed: ${output}`);
  return JSON.parse(result);
}

function luaScript({ headers, body }: HttpRequest): string {
  const all = [['content-type', 'application/json'] as const, ...headers];
  return `wrk.method = "POST"
wrk.body = [==[${body}]==]
${all.map(([name, value]) => `wrk.headers["${name}"] = [==[${value}]==]`).join('\n')}
function done(summary, latency)
  local e = summary.errors
  io.write(string.format('RESULT {"requests":%d,"seconds":%.6f,"bytes":%d,"failed":%d,"late":%d}\\n',
    summary.requests, summary.duration / 1e6, summary.bytes, e.connect + e.read + e.write + e.status, e.timeout))
end
`;
}
