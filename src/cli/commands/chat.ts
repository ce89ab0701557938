import { answerLine } from '../chat/answer-line.ts';
import { ask, type Answer, type ChatMessage } from '../chat/ask.ts';
import { connect, type ConnectOptions, type Connection } from '../chat/connect.ts';
import { converse } from '../chat/converse.ts';
import { modelAndPrompt, publicModels } from '../chat/models.ts';
import { EXIT, type ExitName } from '../exit.ts';
import { harmless, paint, printJson, say } from '../terminal.ts';

interface ChatOptions extends ConnectOptions {
  readonly json?: boolean;
  readonly system?: string;
}

/** `bellwether chat [MODEL] [PROMPT...]`: asks a gateway and shows where the answer came from and what it cost. */
export async function chat(words: readonly string[], options: ChatOptions): Promise<void> {
  const connection = await connect(options);
  try {
    if (!options.json) say(paint('dim', connection.words, process.stderr));
    const { model, prompt } = modelAndPrompt(words, await publicModels(connection));
    const opening: ChatMessage[] =
      options.system === undefined ? [] : [{ role: 'system', content: options.system }];
    if (prompt === '' && process.stdin.isTTY) {
      await converse({ connection, model, opening });
      return;
    }
    const content = prompt === '' ? await readInput() : prompt;
    await askOnce(connection, { model, messages: [...opening, { role: 'user', content }] }, options);
  } finally {
    await connection.close();
  }
}

async function askOnce(
  connection: Connection,
  question: { readonly model: string; readonly messages: readonly ChatMessage[] },
  { json }: ChatOptions,
): Promise<void> {
  const answer = await ask(connection, {
    ...question,
    signal: new AbortController().signal,
    onText: (text, kind) => {
      if (json) return;
      process.stdout.write(kind === 'answer' ? harmless(text) : paint('dim', harmless(text)));
    },
  });
  if (json) printJson(answer);
  else tellEnd(answer);
  if (answer.problem !== null) process.exitCode = EXIT[exitOf(answer.problem.status)];
}

function tellEnd(answer: Answer): void {
  if (answer.text !== '') process.stdout.write('\n');
  if (answer.problem !== null) say(paint('red', harmless(answer.problem.message), process.stderr));
  say(paint('dim', answerLine(answer), process.stderr));
}

function exitOf(status: number | null): ExitName {
  if (status === 400 || status === 413) return 'usage';
  if (status === 401 || status === 403) return 'auth';
  if (status === 404) return 'notFound';
  return status === null || status === 503 ? 'unavailable' : 'failure';
}

async function readInput(): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of process.stdin) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces).toString('utf8').trim();
}
