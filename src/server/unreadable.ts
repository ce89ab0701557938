/** Why a request could not be read. */
export interface Refusal {
  readonly status: RefusalStatus;
  readonly message: string;
}

export type RefusalStatus = 400 | 408 | 413 | 417 | 431 | 501 | 505;

/** Bytes and number of header lines that a client may send. */
export const HEAD_BYTES_MAX = 64 * 1024;
export const HEADERS_MAX = 200;

/**
 * The whole answer to what could not be read as a request, with the end of the connection. It has no path and so no
 * protocol: the envelope is the one that both of the common client libraries can read.
 */
export function unreadableAnswer({ status, message }: Refusal): string {
  const type = 'invalid_request_error';
  const body = JSON.stringify({ type: 'error', error: { type, message, param: null, code: null } });
  return (
    `HTTP/1.1 ${status} ${REASONS[status]}\r\nconnection: close\r\ncontent-type: application/json\r\n` +
    `content-length: ${body.length}\r\n\r\n${body}`
  );
}

/** The usual words for the statuses of refusals (RFC 9110 15). */
export const REASONS: Readonly<Record<RefusalStatus, string>> = {
  400: 'Bad Request',
  408: 'Request Timeout',
  413: 'Content Too Large',
  417: 'Expectation Failed',
  431: 'Request Header Fields Too Large',
  501: 'Not Implemented',
  505: 'HTTP Version Not Supported',
};
