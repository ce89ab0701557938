import { describeProvider } from '../testing/describe-provider.ts';
import { OPENAI_COMPATIBLE } from './provider.ts';

describeProvider(OPENAI_COMPATIBLE);
