import type { Handler } from '../server/router.ts';
import type { AdminHandler } from '../server/admin/admin.ts';
import type { serveAdmin } from '../server/admin/serve-admin.ts';
import type { AdminPorts } from '../server/admin/ports.ts';

/**
 * Serves the admin API. Its table of routes and schemas is loaded with its first request, so that neither the start nor
 * the memory of an instance that nobody administrates pays for it.
 */
export function adminHandler(ports: AdminPorts): Handler {
  let loading: Promise<{ readonly handle: AdminHandler; readonly serve: Serve }> | null = null;
  return async (request) => {
    loading ??= load(ports);
    const { handle, serve } = await loading;
    await serve(handle, request);
  };
}

type Serve = typeof serveAdmin;

async function load(ports: AdminPorts): Promise<{ readonly handle: AdminHandler; readonly serve: Serve }> {
  const [{ createAdmin }, served] = await Promise.all([
    import('../server/admin/admin.ts'),
    import('../server/admin/serve-admin.ts'),
  ]);
  return { handle: createAdmin(ports), serve: served.serveAdmin };
}
