import { describeProvider } from '../testing/describe-provider.ts';
import { ALIBABA } from './provider.ts';

describeProvider(ALIBABA);
