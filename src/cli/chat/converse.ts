import { createInterface, type Interface } from 'node:readline/promises';
import { harmless, paint, say } from '../terminal.ts';
import { answerLine } from './answer-line.ts';
import { ask, type ChatMessage } from './ask.ts';
import type { Connection } from './connect.ts';

export interface Conversation {
  readonly connection: Connection;
  readonly model: string;
  readonly opening: readonly ChatMessage[];
}

const HELP = 'Type a question. /model NAME changes the model, /clear forgets the conversation, Ctrl-D ends.';

/** Talks with a person at the terminal until he leaves. A failed answer leaves the conversation as it was before. */
export async function converse({ connection, model, opening }: Conversation): Promise<void> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const state = { model, messages: [...opening], asking: new AbortController(), busy: false };
  terminal.on('SIGINT', () => {
    if (state.busy) state.asking.abort();
    else terminal.close();
  });
  say(paint('dim', HELP, process.stderr));
  for (;;) {
    const line = await nextLine(terminal, state.model);
    if (line === null) break;
    if (line.startsWith('/')) obey(line, state, opening);
    else if (line !== '') await answerTo(line, state, connection);
  }
  // The shell's prompt gets a line of its own.
  process.stdout.write('\n');
  terminal.close();
}

interface State {
  model: string;
  messages: ChatMessage[];
  asking: AbortController;
  busy: boolean;
}

function obey(line: string, state: State, opening: readonly ChatMessage[]): void {
  const [command, argument] = line.slice(1).split(/\s+/);
  if (command === 'model' && argument !== undefined) state.model = argument;
  else if (command === 'clear') state.messages = [...opening];
  else say(HELP);
}

async function answerTo(content: string, state: State, connection: Connection): Promise<void> {
  const messages: ChatMessage[] = [...state.messages, { role: 'user', content }];
  state.asking = new AbortController();
  state.busy = true;
  const answer = await ask(connection, {
    model: state.model,
    messages,
    signal: state.asking.signal,
    onText: (text, kind) => {
      process.stdout.write(kind === 'answer' ? harmless(text) : paint('dim', harmless(text)));
    },
  });
  state.busy = false;
  if (answer.text !== '') process.stdout.write('\n');
  if (answer.problem === null) state.messages = [...messages, { role: 'assistant', content: answer.text }];
  else
    say(
      paint(
        'red',
        `${harmless(answer.problem.message)} Ask again; nothing of this was kept.`,
        process.stderr,
      ),
    );
  say(`${paint('dim', answerLine(answer), process.stderr)}\n`);
}

// Ctrl-D and the end of the input close the interface, which leaves a question unanswered for ever: the close is the answer.
async function nextLine(terminal: Interface, model: string): Promise<string | null> {
  const closed = new Promise<null>((resolve) => {
    terminal.once('close', () => resolve(null));
  });
  const asked = terminal.question(`${paint('bold', model)} > `).then(
    (line) => line.trim(),
    () => null,
  );
  return Promise.race([asked, closed]);
}
