import { describeProvider } from '../testing/describe-provider.ts';
import { OPENROUTER } from './provider.ts';

describeProvider(OPENROUTER);
