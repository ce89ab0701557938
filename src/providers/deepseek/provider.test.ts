import { describeProvider } from '../testing/describe-provider.ts';
import { DEEPSEEK } from './provider.ts';

describeProvider(DEEPSEEK);
