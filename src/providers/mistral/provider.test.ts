import { describeProvider } from '../testing/describe-provider.ts';
import { MISTRAL } from './provider.ts';

describeProvider(MISTRAL);
