import type { Child } from '../child.ts';
import { ask, firstAnswer } from '../measure/first-answer.ts';
import type { HttpRequest } from '../measure/http-text.ts';
import type { VariantName } from '../options.ts';
import { loadName, type Load } from '../upstream/load.ts';
import type { RunningVariant } from './variant.ts';

/** A started program, once it has answered its first request. */
export async function runningVariant(
  name: VariantName,
  child: Child,
  request: (load: Load) => HttpRequest,
): Promise<RunningVariant> {
  const first = await firstAnswer(child, request({ wire: 'openai', pace: 'json' }));
  const sizes = new Map<string, number>();
  return {
    name,
    pid: child.pid,
    child,
    coldStartMs: first.afterMs,
    request,
    answerBytes: async (load) => {
      const known = sizes.get(loadName(load));
      if (known !== undefined) return known;
      const answer = await ask(request(load));
      if (answer.status !== 200) {
        throw new Error(
          `${name} answered ${answer.status} to ${loadName(load)}: ${answer.text.slice(0, 2000)}`,
        );
      }
      sizes.set(loadName(load), answer.bytes);
      return answer.bytes;
    },
    stop: () => child.stop(),
  };
}
