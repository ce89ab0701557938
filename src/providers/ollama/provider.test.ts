import { describeProvider } from '../testing/describe-provider.ts';
import { OLLAMA } from './provider.ts';

describeProvider(OLLAMA);
