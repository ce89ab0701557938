import type { AskFacts, DurableCheck, DurableHistory, ServingFacts } from './facts.ts';

/** D2: the same key and body give the same answer, another body none, and at one time it is worked for once. */
export function answersOnce(history: DurableHistory): DurableCheck {
  return {
    onServing: (serving) => {
      const { ask, life } = serving;
      const { key } = ask.script;
      const others = history.servings.filter(
        (other) => other !== serving && other.ask.script.key === key && other.life === life,
      );
      if (others.some(({ state }) => state === 'under way'))
        history.violate('D2.once', `${key} is served twice at one time`);
      if (others.some(({ state }) => state === 'final'))
        history.violate('D2', `${key} is served again, though this process has its answer`);
      // Who comes back after a crash may have lost what nobody had written yet, but nothing that was.
      if (history.lives[life]?.answersFaulty === false && keptText(history, key) !== null)
        history.violate('D2.kept', `${key} is served again, though its answer is in the store`);
    },
    onReplayed: (ask) => rightAnswer(history, ask),
    onMismatch: ({ script: { key, body } }) => {
      const other = history.servings.some(({ ask }) => ask.script.key === key && ask.script.body !== body);
      if (!other) history.violate('D2.other', `${key} is refused as another request, and there was none`);
    },
    atEnd: () => {
      for (const ask of history.asks) {
        const ended = history.lives[ask.life]?.ended;
        if (ask.outcome === 'waiting' && ended === null) history.violate('D2.end', 'a request has no end');
        if (ask.sink.begun > 1) history.violate('D2.end', `an answer to ${ask.script.key} begins twice`);
        if (ask.sink.spokeAfterEnd)
          history.violate('D2.end', `an answer to ${ask.script.key} goes on after its end`);
      }
    },
  };
}

// Whole answers are the answer of one serving of the same body; the last that was final, where there was one before.
function rightAnswer(history: DurableHistory, { script: { key, body }, sink, life }: AskFacts): void {
  const same = history.servings.filter(({ ask }) => ask.script.key === key && ask.script.body === body);
  const from = same.find(({ text }) => text === sink.body);
  if (sink.ending === 'whole' && sink.status !== 503 && from === undefined)
    history.violate('D2', `a repetition of ${key} was answered with ${JSON.stringify(sink.body)}`);
  if (sink.ending === 'cut' && !same.some(({ text }) => text.startsWith(sink.body)))
    history.violate('D2', `a repetition of ${key} was begun with ${JSON.stringify(sink.body)}`);
  const final = same.find((serving) => serving.life === life && serving.state === 'final');
  if (sink.ending === 'whole' && final !== undefined && from !== undefined && from !== final)
    history.violate('D2', `${key} has two answers: ${from.text} and ${final.text}`);
}

/** E1 and E4: what a process answered is in the store when it is closed, or it says that it is not. */
export function writesAtTheEnd(history: DurableHistory): DurableCheck {
  return {
    onDrained: ({ number, lines }) => {
      const lost = history.servings.filter(
        (serving) => serving.life === number && serving.state === 'final' && !isKept(history, serving),
      );
      const told = lines.some(({ message }) => message.startsWith('Answers were not written'));
      if (lost.length > 0 && !told)
        history.violate('E4.answers', `${lost[0]?.ask.script.key} is not in the store, and nothing is said`);
    },
  };
}

function isKept(history: DurableHistory, { text }: ServingFacts): boolean {
  return history.answers.rows.some(({ id, answer }) => id.startsWith('key:') && answer?.body === text);
}

function keptText(history: DurableHistory, key: string): string | null {
  const found = history.answers.rows.find(
    ({ id, answer }) => id.startsWith('key:') && answer?.body.startsWith(`${key} `) === true,
  );
  return found?.answer?.body ?? null;
}

/** Z1: nothing of it is a fault of the program. */
export function blamesTheStoreAlone(history: DurableHistory): DurableCheck {
  return {
    atEnd: () => {
      for (const { lines } of history.lives)
        for (const { level, message, fields } of lines)
          if (level === 'error' && message.includes('fault of our own'))
            history.violate('Z1', `${message} ${String(fields['error']).split('\n')[0]}`);
    },
  };
}
