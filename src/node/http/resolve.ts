import { lookup, type LookupAddress } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { classifyHost, mayConnect } from '../../base/address.ts';
import { BLOCKED_ADDRESS, DNS_FAILED } from './failure.ts';

/** Resolves a name to all of its addresses. */
export type Resolve = (
  name: string,
  callback: (error: Error | null, addresses: readonly string[]) => void,
) => void;

/** The system's resolver: hosts file, DNS and whatever else the machine is set up for. */
export const systemResolve: Resolve = (name, callback) => {
  lookup(name, { all: true, order: 'verbatim' }, (error, addresses) => {
    callback(error, error === null ? addresses.map(({ address }) => address) : []);
  });
};

/**
 * The lookup for a connection: it resolves once, and only addresses that may be connected to come out. As the socket
 * connects to exactly these, a name cannot change its mind between the check and the connection (DNS rebinding).
 */
export function guardedLookup(resolve: Resolve, allowPrivate: boolean): LookupFunction {
  return (name, options, callback) => {
    resolve(name, (error, found) => {
      if (error !== null || found.length === 0) {
        callback(codedError(DNS_FAILED, `${name} could not be resolved`), '', 0);
        return;
      }
      const addresses: LookupAddress[] = found
        .filter((address) => isIP(address) !== 0 && mayConnect(classifyHost(address), allowPrivate))
        .map((address) => ({ address, family: isIP(address) }));
      const [first] = addresses;
      if (first === undefined)
        callback(codedError(BLOCKED_ADDRESS, `${name} leads to a blocked address`), '', 0);
      else if (options.all === true) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}

/** An error that the socket hands on with its code. */
export function codedError(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}
