import { describeProtocol } from '../testing/describe-protocol.ts';
import { openaiChat } from './protocol.ts';

describeProtocol(openaiChat, { fixtures: [] });
