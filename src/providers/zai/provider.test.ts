import { describeProvider } from '../testing/describe-provider.ts';
import { ZAI } from './provider.ts';

describeProvider(ZAI);
