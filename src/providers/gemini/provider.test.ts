import { describeProvider } from '../testing/describe-provider.ts';
import { GEMINI_API } from './provider.ts';

describeProvider(GEMINI_API);
