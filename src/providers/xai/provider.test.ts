import { describeProvider } from '../testing/describe-provider.ts';
import { XAI } from './provider.ts';

describeProvider(XAI);
