/**
 * A second reading of recorded answers, written as plainly as possible and sharing no code with the codec: what an answer
 * says, whatever the order and the framing.
 */
export interface Reading {
  readonly text: string;
  readonly reasoning: string;
  readonly refusal: string;
  readonly calls: readonly { readonly name: string; readonly arguments: string }[];
  readonly finish: string | null;
  readonly inputTokens: number | null;
}

type Loose = any; // oxlint-disable-line typescript/no-explicit-any -- recorded JSON is read without any help of the program

export function readWhole(body: Loose): Reading {
  const choice = body.choices[0];
  const calls = [...(choice.message?.tool_calls ?? [])].map((call: Loose) => call.function);
  if (choice.message?.function_call?.name) calls.push(choice.message.function_call);
  const said = spoken(choice.message ?? {});
  return {
    ...said,
    calls: calls.map(callOf),
    finish: choice.finish_reason || null,
    inputTokens: body.usage?.prompt_tokens ?? null,
  };
}

export function readStream(stream: string): Reading {
  const chunks: Loose[] = stream
    .split(/\r?\n/)
    .filter((line) => line.startsWith('data:') && !line.includes('[DONE]'))
    .map((line) => JSON.parse(line.slice(5)));
  const choices: Loose[] = chunks
    .flatMap((chunk) => (chunk.choices ?? []).slice(0, 1))
    .filter((one) => one.delta);
  const said = choices.map((choice) => spoken(choice.delta));
  const usages: Loose[] = chunks.map((chunk) => chunk.usage ?? chunk.x_groq?.usage).filter(Boolean);
  const calls: OpenCall[] = [];
  for (const { delta } of choices) addCalls(calls, delta);
  return {
    text: said.map(({ text }) => text).join(''),
    reasoning: said.map(({ reasoning }) => reasoning).join(''),
    refusal: said.map(({ refusal }) => refusal).join(''),
    calls: calls.map(({ name, arguments: text }) => ({ name, arguments: text })),
    finish: choices.map((choice) => choice.finish_reason).find(Boolean) ?? null,
    inputTokens: usages.at(-1)?.prompt_tokens ?? null,
  };
}

interface OpenCall {
  readonly name: string;
  arguments: string;
  readonly id: string;
  readonly index: number;
}

function addCalls(calls: OpenCall[], delta: Loose): void {
  for (const { id, index, function: made } of delta.tool_calls ?? []) {
    const known = calls.findLast((call) => call.index === index && (call.id === id || !made?.name));
    const call = known ?? { name: made?.name, arguments: '', id, index };
    if (known === undefined) calls.push(call);
    call.arguments += made?.arguments ?? '';
  }
}

function callOf(call: Loose): { name: string; arguments: string } {
  const given = call.arguments;
  return { name: call.name, arguments: typeof given === 'string' ? given : (JSON.stringify(given) ?? '') };
}

function spoken(message: Loose): { text: string; reasoning: string; refusal: string } {
  const list: Loose[] = Array.isArray(message.content) ? message.content : [];
  const texts = list.filter((part) => part.type === 'text').map((part) => part.text);
  const thoughts = list
    .filter((part) => part.type === 'thinking')
    .flatMap((part) => part.thinking.map((piece: Loose) => piece.text));
  const details = (message.reasoning_details ?? [])
    .map((detail: Loose) => detail.text ?? detail.summary ?? '')
    .join('');
  return {
    text: typeof message.content === 'string' ? message.content : texts.join(''),
    reasoning: (message.reasoning_content || message.reasoning || details) + thoughts.join(''),
    refusal: message.refusal ?? '',
  };
}
