import { didYouMean } from '../../base/nearest.ts';
import { STATUS_ERRORS, type Fault, type FaultKind } from './fault.ts';

/**
 * Refuses what is no fault, though it was handed in as one: programs in JavaScript are checked by nobody else, and a fault of
 * no known type would do nothing, so that a test of theirs would prove nothing. Throws a `TypeError` or `RangeError` that
 * names the field.
 */
export function checkFault(fault: Fault | null): void {
  if (fault === null) return;
  const kind = field(fault, 'kind');
  const type = field(kind, 'type');
  const known = Object.keys(NUMBER_OF);
  if (typeof type !== 'string' || !isKnown(type))
    throw new TypeError(
      `The fault's "kind.type" must be one of ${known.join(', ')}, not ${shown(type)}${didYouMean(String(type), known)}.`,
    );
  const number = NUMBER_OF[type];
  if (number !== null) checkNumber(`kind.${number}`, field(kind, number), Infinity);
  if (type === 'status') checkStatusError(field(kind, 'error'));
  const share = field(fault, 'share');
  if (share !== undefined) checkNumber('share', share, 1);
}

/** The number that a fault of each type needs. */
const NUMBER_OF: { readonly [Type in FaultKind['type']]: NumberOf<Type> | null } = {
  down: null,
  'connection-refused': null,
  'reset-before-head': null,
  'hang-before-head': null,
  'slow-first-token': 'delayMs',
  status: null,
  'hang-mid-stream': 'afterEvents',
  'cut-mid-stream': 'afterEvents',
  'reset-mid-stream': 'afterEvents',
  'error-mid-stream': 'afterEvents',
  'error-in-200': null,
  'empty-completion': null,
  'truncated-json': null,
  'html-502': null,
  'empty-body': null,
  dribble: 'byteMs',
  'wrong-content-type': null,
  'missing-finish': null,
  'duplicate-events': null,
  replay: null,
};

type NumberOf<Type extends FaultKind['type']> = Exclude<
  keyof Extract<FaultKind, { type: Type }>,
  'type' | 'error' | 'retryAfter' | 'entry'
>;

function isKnown(type: string): type is FaultKind['type'] {
  return Object.hasOwn(NUMBER_OF, type);
}

function checkStatusError(error: unknown): void {
  if (STATUS_ERRORS.some((each) => each === error)) return;
  const known = STATUS_ERRORS.join(', ');
  throw new TypeError(`The fault's "kind.error" must be one of ${known}, not ${shown(error)}.`);
}

function checkNumber(name: string, value: unknown, most: number): void {
  if (typeof value === 'number' && value >= 0 && value <= most) return;
  const range = most === Infinity ? 'from 0' : `from 0 to ${most}`;
  throw new RangeError(`The fault's "${name}" must be a number ${range}, not ${shown(value)}.`);
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

function shown(value: unknown): string {
  return typeof value === 'string' ? `"${value.slice(0, 100)}"` : String(value).slice(0, 100);
}
