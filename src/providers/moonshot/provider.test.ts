import { describeProvider } from '../testing/describe-provider.ts';
import { MOONSHOT } from './provider.ts';

describeProvider(MOONSHOT);
