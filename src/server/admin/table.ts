import { z } from 'zod';
import type { JsonObject } from '../../base/json.ts';
import { drillRoutes } from './drills.ts';
import { gatewayRoutes } from './gateway.ts';
import { healthRoutes } from './health.ts';
import { keyRoutes } from './keys.ts';
import { openApiOf } from './openapi.ts';
import { queueAdminRoutes } from './queue.ts';
import { requestRoutes } from './requests.ts';
import { route, type AdminRoute } from './route.ts';
import { simulatorRoutes } from './simulator.ts';

/** Where all routes of the table live. */
export const ADMIN_PREFIX = '/admin/v1';

/** All routes of the admin API: serving, the OpenAPI document and the permission tests are derived from this list. */
export const ADMIN_ROUTES: readonly AdminRoute[] = [
  ...keyRoutes,
  ...requestRoutes,
  ...healthRoutes,
  ...gatewayRoutes,
  ...queueAdminRoutes,
  ...simulatorRoutes,
  ...drillRoutes,
  route({
    method: 'GET',
    path: '/openapi.json',
    id: 'getOpenApi',
    summary: 'This document.',
    permission: null,
    output: z.looseObject({ openapi: z.string() }),
    handle: () => adminOpenApi(),
  }),
];

/** The OpenAPI document of the admin API; `schema/admin.openapi.json` is a copy of it. */
export function adminOpenApi(): { readonly openapi: string } & JsonObject {
  return openApiOf(ADMIN_ROUTES);
}
