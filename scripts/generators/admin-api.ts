import { ADMIN_PREFIX, ADMIN_ROUTES, adminOpenApi } from '../../src/server/admin/table.ts';
import { escapeCell, generatedNotice } from './markdown.ts';

/** The OpenAPI document of the admin API, as the gateway serves it. */
export function adminOpenApiFile(): string {
  return `${JSON.stringify(adminOpenApi(), null, 2)}\n`;
}

/** The reference page of the admin API: every route in a line; the document has the shapes. */
export function adminApiPage(): string {
  const rows = ADMIN_ROUTES.map(({ method, path, permission, summary }) => {
    const needs = permission === null ? 'nothing' : `\`${permission}\``;
    return `| \`${method} ${ADMIN_PREFIX}${escapeCell(path)}\` | ${needs} | ${escapeCell(summary)} |`;
  });
  return [
    '# Admin API',
    '',
    generatedNotice('src/server/admin/table.ts'),
    '',
    'The shapes of requests and answers stand in `schema/admin.openapi.json`, which a running gateway serves at',
    `\`${ADMIN_PREFIX}/openapi.json\`. Present a virtual key of the role \`admin\` as a bearer token.`,
    '',
    '| route | permission | |',
    '|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}
