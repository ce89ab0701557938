import { describeProvider } from '../testing/describe-provider.ts';
import { ANTHROPIC } from './provider.ts';

describeProvider(ANTHROPIC);
