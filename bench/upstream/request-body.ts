/** A chat request of about 2.0 KB: four messages and one tool, as an agent sends them. */
export function chatRequest(model: string, kind: 'json' | 'stream'): string {
  return JSON.stringify({
    model,
    messages: MESSAGES,
    tools: [TOOL],
    temperature: 0.7,
    max_completion_tokens: 512,
    ...(kind === 'stream' ? { stream: true, stream_options: { include_usage: true } } : {}),
  });
}

const MESSAGES = [
  {
    role: 'system',
    content:
      'You are the support assistant of a shop for outdoor equipment. Answer in at most three short paragraphs, name the ' +
      'order number that you talk about, never promise a date that the carrier has not confirmed, and use the tool for ' +
      'everything that depends on the state of an order. Prices are in euros and include tax. If the customer asks for ' +
      'something that the shop does not do, say so plainly and offer the nearest thing that it does. Do not repeat what the customer has written, and never ask for ' +
      'data that the tool can read; at the end of a case, ask whether there is anything else that you can help with.',
  },
  {
    role: 'user',
    content:
      'Hello! I ordered a tent and two sleeping mats last week, order 2024-118-4471, and one of the mats came with a ' +
      'valve that leaks. I would like another one before our trip on the 14th, and I wonder whether I have to send the ' +
      'broken one back first, because the post office here is only open in the mornings when I am at work.',
  },
  {
    role: 'assistant',
    content:
      'I am sorry about the valve. Order 2024-118-4471 is still within its return period, so we can replace the mat at no ' +
      'cost; you do not need to send the broken one back first, a photo of the valve is enough for us.',
  },
  {
    role: 'user',
    content:
      'That is great, thank you. I attached the photo to the case a minute ago. Could you check when the new mat would ' +
      'arrive, and whether it can go to the parcel locker at the station instead of my home address?',
  },
];

const TOOL = {
  type: 'function',
  function: {
    name: 'get_order_state',
    description:
      'Reads the state of an order: its parcels, their carriers, and where they can still be redirected to.',
    parameters: {
      type: 'object',
      properties: {
        order: { type: 'string', description: 'The order number, such as 2024-118-4471.' },
        with_parcels: { type: 'boolean', description: 'Whether to list the parcels too.' },
      },
      required: ['order'],
      additionalProperties: false,
    },
  },
};
