import { NO_QUIRKS } from '../../spec/provider.ts';
import { describeProtocol, PLAIN_TARGET } from '../testing/describe-protocol.ts';
import { openaiChat } from './protocol.ts';

describeProtocol(openaiChat, {
  fixtures: [],
  // OpenRouter's form, the only one of this wire that takes signed reasoning back.
  target: {
    ...PLAIN_TARGET,
    quirks: { ...NO_QUIRKS, reasoningField: 'reasoning_content', signedState: 'reasoning_details' },
  },
  sign: (text, signature) => JSON.stringify([{ type: 'reasoning.text', text, signature, index: 0 }]),
});
