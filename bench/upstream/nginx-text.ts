/** A text as nginx reads it in its configuration: quoted, with line ends and quotes escaped. It must not name variables. */
export function quoted(text: string): string {
  if (text.includes('$')) throw new Error('nginx would take a dollar sign for a variable');
  const escaped = text
    .replaceAll('\\', '\\\\')
    .replaceAll("'", "\\'")
    .replaceAll('\r', '\\r')
    .replaceAll('\n', '\\n');
  return `'${escaped}'`;
}

/** What every nginx of this benchmark has in common: one worker, no logs, connections that stay open. */
export function nginxConfig(http: string): string {
  return `${ECHO_MODULE}
worker_processes 1;
pid nginx.pid;
error_log error.log crit;
events { worker_connections 16000; }
http {
  access_log off;
  server_tokens off;
  tcp_nodelay on;
  keepalive_requests 1000000000;
  keepalive_timeout 1h;
  client_body_buffer_size 64k;
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
${http}
}
`;
}

const ECHO_MODULE = 'load_module /usr/lib/nginx/modules/ngx_http_echo_module.so;';
