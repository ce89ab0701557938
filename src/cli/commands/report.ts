import type { HealthReportAnswer } from '../admin/answers.ts';
import { openRunningAdmin, type AdminOptions } from '../admin/door.ts';
import { EXIT } from '../exit.ts';
import { healthText } from '../format/health.ts';
import { print, printJson } from '../terminal.ts';

interface ReportOptions extends AdminOptions {
  readonly json?: boolean;
}

/** `bellwether report health`: which models of the running gateway are well. Exits with 1 where one is down. */
export async function reportHealth(options: ReportOptions): Promise<void> {
  const admin = await openRunningAdmin(options);
  try {
    const report = await admin.call<HealthReportAnswer>({ method: 'GET', path: '/health-report' });
    if (options.json) printJson(report);
    else print(healthText(report));
    if (report.healthy < report.total) process.exitCode = EXIT.failure;
  } finally {
    await admin.close();
  }
}
