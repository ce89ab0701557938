import { describeProvider } from '../testing/describe-provider.ts';
import { TOGETHER } from './provider.ts';

describeProvider(TOGETHER);
