import type { GenerateRequest, Message, Part } from '../../src/spec/generate.ts';

/**
 * What a request asks for, without the ways in which wires may say the same thing: who speaks when, texts joined, calls
 * numbered instead of named by ids, settings only where they were given.
 */
export function meaningOf(request: GenerateRequest): unknown {
  const ids = callNumbers(request.messages);
  return {
    conversation: joined(request.messages.flatMap((message) => turns(message, ids))),
    tools: request.tools.map((tool) =>
      tool.type === 'function'
        ? { name: tool.name, description: tool.description ?? '', schema: plainSchema(tool.inputSchema) }
        : { native: tool.name },
    ),
    // A choice among no tools is no choice, and `auto` is what is meant where nothing is said.
    choice: request.tools.length === 0 ? 'auto' : choiceOf(request),
    parallel: request.parallelToolCalls ?? true,
    temperature: request.temperature,
    topP: request.topP,
    topK: request.topK,
    stop: request.stop,
    seed: request.seed,
    frequencyPenalty: request.frequencyPenalty,
    presencePenalty: request.presencePenalty,
    output: outputOf(request),
  };
}

function choiceOf({ toolChoice }: GenerateRequest): unknown {
  return toolChoice === undefined || toolChoice.type === 'auto' ? 'auto' : toolChoice;
}

function outputOf({ output }: GenerateRequest): unknown {
  if (output === undefined || output.type === 'text') return 'text';
  return output.type === 'json' ? 'json' : plainSchema(output.schema);
}

interface Turn {
  readonly who: string;
  readonly kind: string;
  readonly what: unknown;
}

function turns(message: Message, ids: ReadonlyMap<string, number>): readonly Turn[] {
  return message.parts.map((part) => ({ who: message.role, kind: kindOf(part), what: contentOf(part, ids) }));
}

// A document of plain text says the same as a text.
function kindOf(part: Part): string {
  return part.type === 'media' && part.source.type === 'text' ? 'text' : part.type;
}

function contentOf(part: Part, ids: ReadonlyMap<string, number>): unknown {
  switch (part.type) {
    case 'text':
    case 'refusal':
      return part.text;
    case 'reasoning':
      return part.text ?? '';
    case 'tool-call':
      return { call: ids.get(part.id), name: part.name, arguments: parsed(part.arguments) };
    case 'tool-result':
      return {
        call: ids.get(part.callId),
        parts: joined(
          part.parts.map((each) => ({ who: 'tool', kind: each.type, what: contentOf(each, ids) })),
        ),
      };
    case 'media':
      return part.source.type === 'text' ? part.source.text : part.source;
    case 'native':
      return part.value;
  }
}

// Neighbouring texts of the same speaker say the same whether they stand in one part or in several.
function joined(turnList: readonly Turn[]): readonly Turn[] {
  const result: Turn[] = [];
  for (const turn of turnList) {
    const last = result.at(-1);
    const joins = turn.kind === 'text' && last?.kind === 'text' && last.who === turn.who;
    if (joins) result[result.length - 1] = { ...turn, what: `${String(last.what)}\n${String(turn.what)}` };
    else result.push(turn);
  }
  return result.map((turn) =>
    typeof turn.what === 'string' ? { ...turn, what: turn.what.replaceAll(/\n+/g, '\n').trim() } : turn,
  );
}

function callNumbers(messages: readonly Message[]): ReadonlyMap<string, number> {
  const ids = new Map<string, number>();
  for (const part of messages.flatMap((message): readonly Part[] => message.parts)) {
    if (part.type === 'tool-call') ids.set(part.id, ids.size);
  }
  return ids;
}

function parsed(text: string): unknown {
  if (text.trim() === '') return {};
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Keys that say how a wire likes its schemas, and nothing about the answer: Anthropic demands that other fields be forbidden. */
const SCHEMA_MANNERS = ['$schema', 'propertyOrdering', 'additionalProperties'];

// Gemini writes types in capitals; JSON Schema does not mind in which order keys stand.
function plainSchema(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(plainSchema);
  if (typeof schema !== 'object' || schema === null) return schema;
  return Object.fromEntries(
    Object.entries(schema)
      .filter(([key]) => !SCHEMA_MANNERS.includes(key))
      .map(([key, value]) => [
        key,
        key === 'type' && typeof value === 'string' ? value.toLowerCase() : plainSchema(value),
      ])
      .sort(([one], [other]) => String(one).localeCompare(String(other))),
  );
}
