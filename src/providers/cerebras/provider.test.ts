import { describeProvider } from '../testing/describe-provider.ts';
import { CEREBRAS } from './provider.ts';

describeProvider(CEREBRAS);
