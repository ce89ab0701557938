/** A turn as it goes over the wire. */
export type WireTurn = {
  readonly role: string;
  readonly content: string | readonly Record<string, string>[];
};

/** What the API would refuse in a history, checked without the codec's help. */
export function historyFaults(turns: readonly WireTurn[]): readonly string[] {
  const all = turns.flatMap((turn) => idsOf(turn, 'tool_use', 'id'));
  return [
    ...(new Set(all).size < all.length ? ['an id is used twice'] : []),
    ...(turns[0]?.role === 'user' ? [] : ['it does not start with the user']),
    ...turns.flatMap((turn, i) => pairFaults(turn, turns[i + 1]).map((fault) => `turn ${i}: ${fault}`)),
  ];
}

function pairFaults(turn: WireTurn, next: WireTurn | undefined): readonly string[] {
  const faults = turn.role === next?.role ? ['the next turn has the same role'] : [];
  if (turn.role !== 'assistant') return faults;
  const calls = idsOf(turn, 'tool_use', 'id').toSorted().join();
  const answers = next === undefined ? [] : idsOf(next, 'tool_result', 'tool_use_id');
  if (calls !== answers.toSorted().join())
    faults.push(`the calls ${calls} are answered by ${answers.join()}`);
  const kinds = typeof next?.content === 'object' ? next.content.map((block) => block['type']) : [];
  if (kinds.slice(0, answers.length).some((kind) => kind !== 'tool_result'))
    faults.push('results are not first');
  return faults;
}

function idsOf({ content }: WireTurn, type: string, key: string): readonly string[] {
  if (typeof content === 'string') return [];
  return content.filter((block) => block['type'] === type).map((block) => block[key]!);
}
