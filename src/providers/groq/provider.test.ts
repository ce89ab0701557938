import { describeProvider } from '../testing/describe-provider.ts';
import { GROQ } from './provider.ts';

describeProvider(GROQ);
