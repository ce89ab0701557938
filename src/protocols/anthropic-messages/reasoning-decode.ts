import { asNumber, asString, field, isObject, type Json, type JsonObject } from '../../base/json.ts';
import { EFFORTS, type Effort, type ReasoningSettings } from '../../spec/generate.ts';
import { blameClient } from './wire.ts';

/**
 * Reads `thinking` and `output_config.effort`. `adaptive: false` says that an effort was given without thinking, which on
 * this wire only limits the length of the answer. `between_tools` has no word in the shared language: elsewhere it is
 * adaptive thinking, and for this wire `reasoningExtras` keeps it.
 */
export function decodeReasoning(body: JsonObject): ReasoningSettings | undefined {
  const effort = decodeEffort(body);
  const thinking = field(body, 'thinking');
  if (thinking === undefined || thinking === null) {
    return effort === undefined ? undefined : { effort, adaptive: false };
  }
  const shared = compactSettings({ effort, visible: decodeVisible(thinking) });
  switch (field(thinking, 'type')) {
    case 'enabled': {
      const budgetTokens = asNumber(field(thinking, 'budget_tokens'));
      if (budgetTokens === undefined) throw blameClient('thinking.budget_tokens', 'Field required');
      return { ...shared, budgetTokens };
    }
    case 'adaptive':
      return { ...shared, adaptive: true };
    case 'disabled':
      return { effort: 'none' };
    case 'between_tools':
      return { ...shared, adaptive: true };
    default:
      throw blameClient(
        'thinking.type',
        'Input should be "adaptive", "enabled", "disabled" or "between_tools"',
      );
  }
}

/** What of `thinking` and the effort the shared language cannot say, for targets of this wire. */
export function reasoningExtras(body: JsonObject): { thinking?: Json; effort?: Json } {
  const thinking = field(body, 'thinking');
  const type = field(thinking, 'type');
  const effort = decodeEffort(body);
  return {
    ...(type === 'between_tools' && thinking !== undefined ? { thinking } : {}),
    ...(type === 'disabled' && effort !== undefined ? { effort } : {}),
  };
}

function decodeEffort(body: JsonObject): Effort | undefined {
  const effort = asString(field(field(body, 'output_config'), 'effort'));
  if (effort === undefined) return undefined;
  const known = EFFORTS.find((word) => word === effort);
  if (known !== undefined) return known;
  throw blameClient('output_config.effort', `Input should be one of ${EFFORTS.slice(2).join(', ')}`);
}

function decodeVisible(thinking: Json): boolean | undefined {
  const display = isObject(thinking) ? field(thinking, 'display') : undefined;
  if (display === 'summarized') return true;
  return display === 'omitted' ? false : undefined;
}

function compactSettings(settings: {
  readonly effort: Effort | undefined;
  readonly visible: boolean | undefined;
}): ReasoningSettings {
  return {
    ...(settings.effort === undefined ? {} : { effort: settings.effort }),
    ...(settings.visible === undefined ? {} : { visible: settings.visible }),
  };
}
