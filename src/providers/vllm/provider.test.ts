import { describeProvider } from '../testing/describe-provider.ts';
import { VLLM } from './provider.ts';

describeProvider(VLLM);
