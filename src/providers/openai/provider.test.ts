import { describeProvider } from '../testing/describe-provider.ts';
import { OPENAI } from './provider.ts';

describeProvider(OPENAI);
