import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { startChild } from '../child.ts';
import { freePort } from '../measure/free-port.ts';
import { CPU, freshFolder } from '../places.ts';
import { isStream, loadName } from '../upstream/load.ts';
import { nginxConfig } from '../upstream/nginx-text.ts';
import { chatRequest } from '../upstream/request-body.ts';
import { runningVariant } from './running.ts';
import type { Surroundings, Variant } from './variant.ts';

/** nginx as a plain reverse proxy: one worker, upstream connections kept open, the key replaced, no JSON work, no log. */
export function nginxVariant(): Variant {
  return {
    name: 'nginx',
    title: version(),
    start: async (surroundings) => {
      const folder = freshFolder('nginx');
      const port = await freePort();
      const file = path.join(folder, 'nginx.conf');
      writeFileSync(file, nginxConfig(proxy(port, surroundings)));
      const child = startChild(['nginx', '-p', folder, '-c', file, '-e', 'error.log', '-g', 'daemon off;'], {
        cpu: CPU.underTest,
        logFile: path.join(folder, 'output.log'),
      });
      return runningVariant('nginx', child, (load) => ({
        port,
        path: `/${loadName(load)}/v1/chat/completions`,
        headers: [['authorization', 'Bearer client-key']],
        body: chatRequest('gpt-4.1', isStream(load) ? 'stream' : 'json'),
      }));
    },
  };
}

function proxy(port: number, { provider, heldPort }: Surroundings): string {
  const held =
    heldPort === 0 ? '' : `    location /openai-held/ { proxy_pass http://127.0.0.1:${heldPort}; }\n`;
  return `  upstream provider { server 127.0.0.1:${provider.port}; keepalive 1024; keepalive_requests 1000000000; }
  server {
    listen 127.0.0.1:${port} backlog=4096;
    proxy_http_version 1.1;
    proxy_set_header Connection "";
    proxy_set_header Authorization "Bearer provider-key";
    proxy_buffering off;
    proxy_read_timeout 1h;
${held}    location / { proxy_pass http://provider; }
    location ~ ^/[a-z]+-json/ { proxy_buffering on; proxy_pass http://provider; }
  }`;
}

function version(): string {
  const { stderr } = spawnSync('nginx', ['-v'], { encoding: 'utf8' });
  return (stderr ?? '').replace('nginx version: ', '').trim();
}
