import { typed } from '../typed.ts';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { fieldAt, asNumber, asString, isArray, parseJsonOr, type Json } from '../../base/json.ts';
import type { Connection } from './connect.ts';

export interface ChatMessage {
  readonly role: 'user' | 'assistant' | 'system';
  readonly content: string;
}

export interface Question {
  readonly model: string;
  readonly messages: readonly ChatMessage[];
  readonly signal: AbortSignal;
  /** Hears each piece of the answer as it comes. */
  onText(text: string, kind: 'answer' | 'reasoning'): void;
}

/** How an answer went. */
export interface Answer {
  readonly text: string;
  /** Null where the answer is whole. */
  readonly problem: ChatProblem | null;
  readonly requestId: string | null;
  /** `provider/upstream-model`; null where none answered. */
  readonly target: string | null;
  /** Where it went on after it had broken off, and in which way: `provider/upstream-model (prefill)`, in order. */
  readonly wentOnAt: readonly string[];
  readonly attempts: number | null;
  /** Why it went there, and what failed before, in the gateway's words. */
  readonly route: string | null;
  readonly simulated: boolean;
  readonly firstTokenMs: number | null;
  readonly durationMs: number;
  readonly inputTokens: number | null;
  readonly outputTokens: number | null;
  readonly costUsd: string | null;
}

export interface ChatProblem {
  /** Null where no answer came at all. */
  readonly status: number | null;
  readonly message: string;
}

/** Asks the gateway over its chat API, streamed. Never rejects: what goes wrong is part of the answer. */
export function ask({ url, key }: Pick<Connection, 'url' | 'key'>, question: Question): Promise<Answer> {
  const { model, messages, signal } = question;
  const reader = new AnswerReader(question);
  const body = JSON.stringify({ model, messages, stream: true, stream_options: { include_usage: true } });
  return new Promise((resolve) => {
    const finish = (problem: ChatProblem | null): void => resolve(reader.answer(problem));
    const send = url.startsWith('https:') ? httpsRequest : httpRequest;
    // A fresh connection for each question: a kept one may have been closed by a gateway that was restarted meanwhile.
    const request = send(`${url}/v1/chat/completions`, {
      method: 'POST',
      agent: false,
      signal,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    });
    request.on('response', (response) => receive(response, reader, finish));
    request.on('error', (error) => finish({ status: null, message: connectionWords(error, url, signal) }));
    request.end(body);
  });
}

function receive(
  response: IncomingMessage,
  reader: AnswerReader,
  finish: (problem: ChatProblem | null) => void,
): void {
  reader.head(response);
  response.setEncoding('utf8');
  response.on('data', (text: string) => reader.data(text));
  response.on('end', () => {
    reader.trailers(response);
    finish(reader.problem());
  });
  response.on('error', () => finish(reader.problem() ?? BROKEN_OFF));
}

const BROKEN_OFF: ChatProblem = {
  status: null,
  message: 'The connection broke off before the answer was whole.',
};

// A comment of the stream: the headers have left by the time that an answer goes on elsewhere.
const GOES_ON = ': goes on at ';

class AnswerReader {
  readonly #question: Question;
  readonly #startedMs = performance.now();
  #response: IncomingMessage | null = null;
  #pending = '';
  #text = '';
  readonly #wentOnAt: string[] = [];
  #firstTokenMs: number | null = null;
  #usage: Json | undefined;
  #error: string | null = null;
  #done = false;
  #costUsd: string | null = null;

  constructor(question: Question) {
    this.#question = question;
  }

  head(response: IncomingMessage): void {
    this.#response = response;
    this.#costUsd = headerText(response, 'x-bellwether-cost-usd');
  }

  data(text: string): void {
    this.#pending += text;
    if (this.#status !== 200) return;
    const lines = this.#pending.split(/\r?\n/);
    this.#pending = lines.pop() ?? '';
    for (const line of lines) {
      if (line.startsWith('data:')) this.#event(line.slice(5).trim());
      else if (line.startsWith(GOES_ON)) this.#wentOnAt.push(line.slice(GOES_ON.length));
    }
  }

  trailers(response: IncomingMessage): void {
    this.#costUsd = response.trailers['x-bellwether-cost-usd'] ?? this.#costUsd;
  }

  problem(): ChatProblem | null {
    const status = this.#status;
    if (status !== null && status !== 200) {
      const message = asString(fieldAt(parseJsonOr(this.#pending, null), 'error', 'message'));
      return { status, message: message ?? `The gateway answered with status ${status}.` };
    }
    if (this.#error !== null) return { status, message: this.#error };
    return this.#done ? null : BROKEN_OFF;
  }

  answer(problem: ChatProblem | null): Answer {
    const response = this.#response;
    const provider = headerText(response, 'x-bellwether-provider');
    const attempts = headerText(response, 'x-bellwether-attempts');
    return {
      text: this.#text,
      problem,
      requestId: headerText(response, 'x-bellwether-request-id'),
      target: provider === null ? null : `${provider}/${headerText(response, 'x-bellwether-model') ?? '?'}`,
      wentOnAt: this.#wentOnAt,
      attempts: attempts === null ? null : Number(attempts),
      route: headerText(response, 'x-bellwether-route'),
      simulated: headerText(response, 'x-bellwether-simulated') === 'true',
      firstTokenMs: this.#firstTokenMs,
      durationMs: performance.now() - this.#startedMs,
      inputTokens: asNumber(fieldAt(this.#usage, 'prompt_tokens')) ?? null,
      outputTokens: asNumber(fieldAt(this.#usage, 'completion_tokens')) ?? null,
      costUsd: this.#costUsd,
    };
  }

  get #status(): number | null {
    return this.#response?.statusCode ?? null;
  }

  #event(data: string): void {
    if (data === '[DONE]') {
      this.#done = true;
      return;
    }
    const event = parseJsonOr(data, null);
    this.#error ??= asString(fieldAt(event, 'error', 'message')) ?? null;
    const usage = fieldAt(event, 'usage');
    if (usage !== undefined && usage !== null) this.#usage = usage;
    const choices = fieldAt(event, 'choices');
    const delta = isArray(choices) ? fieldAt(choices[0], 'delta') : undefined;
    this.#deliver(asString(fieldAt(delta, 'reasoning_content')), 'reasoning');
    this.#deliver(asString(fieldAt(delta, 'content')), 'answer');
  }

  #deliver(text: string | undefined, kind: 'answer' | 'reasoning'): void {
    if (text === undefined || text === '') return;
    this.#firstTokenMs ??= performance.now() - this.#startedMs;
    if (kind === 'answer') this.#text += text;
    this.#question.onText(text, kind);
  }
}

function headerText(response: IncomingMessage | null, name: string): string | null {
  const value = response?.headers[name];
  return typeof value === 'string' ? value : null;
}

function connectionWords(error: Error, url: string, signal: AbortSignal): string {
  if (signal.aborted) return 'Stopped.';
  const code = 'code' in error ? error.code : undefined;
  if (code === 'ECONNREFUSED') return `No gateway answers at ${url}. Start one with "${typed('serve')}".`;
  return `The gateway at ${url} cannot be reached: ${error.message}`;
}
