import { describeProvider } from '../testing/describe-provider.ts';
import { HOLYSHEEP } from './provider.ts';

describeProvider(HOLYSHEEP);
