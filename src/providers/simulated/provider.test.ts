import { describeProvider } from '../testing/describe-provider.ts';
import { SIMULATED } from './provider.ts';

describeProvider(SIMULATED);
