import { describeProvider } from '../testing/describe-provider.ts';
import { FIREWORKS } from './provider.ts';

describeProvider(FIREWORKS);
