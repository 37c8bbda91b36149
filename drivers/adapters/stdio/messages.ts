/** The messages of the protocol: docs/protocol.md. */
import { createJSONRPCRequest, createJSONRPCSuccessResponse, JSONRPCErrorCode } from 'json-rpc-2.0';
import * as v from 'valibot';
import { DriverFailure } from '#drivers/contract/failure';
import { quote } from './lines';

export const PROTOCOL_VERSION = 1;
export const METHOD_NOT_FOUND: number = JSONRPCErrorCode.MethodNotFound;

/** Of an error only so much is shown. */
const MOST_TEXT = 200;

const version = v.literal('2.0');
const id = v.pipe(v.number(), v.integer(), v.minValue(0));
const error = v.object({
  code: v.number(),
  message: v.pipe(
    v.string(),
    v.transform((text) => text.slice(0, MOST_TEXT)),
  ),
});
const answer = v.union([v.strictObject({ jsonrpc: version, id, result: v.unknown() }), v.strictObject({ jsonrpc: version, id, error })]);

/** What a driver asks; without an id it wants no answer. */
export interface Call {
  readonly id?: number;
  readonly method: string;
  readonly params: readonly unknown[];
}
export interface Answer {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string };
}

/** A line that a driver sent. */
export type Message =
  | { readonly kind: 'calls'; readonly calls: readonly Call[]; readonly isBatch: boolean }
  | { readonly kind: 'answer'; readonly answer: Answer };

/** Throws `DriverFailure` for a line that is no message. */
export function parseMessage(line: string): Message {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    throw new DriverFailure(
      `sent a line that is no JSON: ${quote(line)}; standard output belongs to the protocol, standard error to people`,
    );
  }
  if (Array.isArray(parsed)) {
    if (parsed.length > 0 && parsed.every(isCall)) return { kind: 'calls', calls: parsed, isBatch: true };
  } else if (isCall(parsed)) return { kind: 'calls', calls: [parsed], isBatch: false };
  else {
    const read = v.safeParse(answer, parsed);
    if (read.success) return { kind: 'answer', answer: read.output };
  }
  throw new DriverFailure(`sent a line that is no message of the protocol: ${quote(line)}`);
}

/** By hand: calls of the platform are the commonest messages by far. */
function isCall(value: unknown): value is Call {
  if (typeof value !== 'object' || value === null) return false;
  const { jsonrpc, method, params, id: own } = value as Readonly<Record<string, unknown>>;
  const keys = own === undefined ? 3 : 4;
  return (
    jsonrpc === '2.0' &&
    typeof method === 'string' &&
    Array.isArray(params) &&
    (own === undefined || (Number.isInteger(own) && (own as number) >= 0)) &&
    Object.keys(value).length === keys
  );
}

export const requestLine = (number: number, method: string, params: unknown[]): string =>
  `${JSON.stringify(createJSONRPCRequest(number, method, params))}\n`;

export const response = (number: number, result: unknown): unknown => createJSONRPCSuccessResponse(number, result);
