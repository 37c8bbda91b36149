/** What may be typed after the commands' options, and what is said of everything else. */
import { UsageError } from '#drivers/usage';
import type { Mode } from '#hw-models/core/sight';

/** Kinds of reports, as `conformance/output.ts` writes them. */
const FORMATS = ['html', 'junit', 'ktap', 'json', 'markdown'] as const;
export type Format = (typeof FORMATS)[number];

const isMode = (text: string): text is Mode => /^(lazy|eager|seeded:\d{1,9})$/.test(text);
const isFormat = (text: string): text is Format => FORMATS.some((format) => format === text);

/** An option that may be repeated: each value is added. */
export const several = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

export function modes(value: string, before: readonly Mode[] = []): readonly Mode[] {
  if (!isMode(value)) throw new UsageError(`--mode ${value}: there is no such mode; use lazy, eager or seeded:<n>`);
  return before.includes(value) ? before : [...before, value];
}

export function formats(value: string, before: readonly Format[] = []): readonly Format[] {
  const named = value.split(',').map((one) => {
    if (!isFormat(one)) throw new UsageError(`--format ${one}: there is no such format; use one or more of ${FORMATS.join(',')}`);
    return one;
  });
  return [...new Set([...before, ...named])];
}

export function shard(value: string): string {
  const [, index = 0, of = 0] = (/^(\d{1,6})\/(\d{1,6})$/.exec(value) ?? []).map(Number);
  if (index < 1 || index > of) throw new UsageError(`--shard ${value}: is no part of a whole; write i/n with i from 1 to n, such as 1/3`);
  return `${index}/${of}`;
}

/** @returns Milliseconds. */
export function seconds(value: string): number {
  const amount = Number(value);
  if (!/^\d+(\.\d+)?$/.test(value) || amount <= 0) throw new UsageError(`--limit ${value}: is no time; write seconds, such as 20`);
  return amount * 1000;
}
