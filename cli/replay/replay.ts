/** A file of vectors on a model: all of it is checked before anything is played. */
import { NotModelled, UnspecifiedBehaviour } from '#hw-models/core/errors';
import { UsageError } from '#drivers/usage';
import { play } from './compare';
import type { Difference } from './compare';
import type { Model } from './models';
import { configurationOf, lineError, linesOf } from './vectors';
import type { Configuration } from './vectors';

/** A configuration that differs: where, and the first thing in it. */
export interface Disagreement extends Difference {
  /** Of the configuration. */
  readonly id: string;
  /** In the file; counts from 1. */
  readonly line: number;
  /** How many things differ in this configuration without an explanation. */
  readonly differences: number;
}

/** A configuration that differs only where a paragraph of the specification decides for the model. */
export interface Explanation {
  readonly id: string;
  readonly line: number;
  readonly paragraph: string;
}

/** Counts of configurations, but for `requests`. */
export interface Tally {
  configurations: number;
  requests: number;
  agree: number;
  differ: number;
  /** They differ, and the model is right. */
  explained: number;
  /** The first of them, in the order of the file. */
  readonly disagreements: Disagreement[];
  /** As many, in the same order. */
  readonly explanations: Explanation[];
}

/** More than this tell nothing new. */
const KEPT = 100;

/** @returns How many configurations the file has. Throws `UsageError` for the first thing that is wrong. */
export async function check(file: string, { begin }: Model): Promise<number> {
  const lineOfId = new Map<string, number>();
  let tried = '';
  for await (const line of linesOf(file)) {
    const configuration = configurationOf(file, line);
    const { id, caps, regs } = configuration;
    const first = lineOfId.get(id);
    if (first !== undefined) throw lineError(file, line.number, `the id "${id}" is that of line ${first}`);
    lineOfId.set(id, line.number);
    const machine = JSON.stringify([caps, regs]);
    if (machine === tried) continue;
    const refused = refusal(begin, configuration);
    if (refused !== undefined) throw lineError(file, line.number, refused);
    tried = machine;
  }
  if (lineOfId.size === 0) throw new UsageError(`${file}: holds no configuration; type iommu-tck replay --help for the format`);
  return lineOfId.size;
}

/** Why there is no such machine. */
function refusal(begin: Model['begin'], { caps, regs }: Configuration): string | undefined {
  try {
    const witness = begin(caps);
    for (const [register, value] of regs) witness.write(register, BigInt(value));
    return undefined;
  } catch (error) {
    if (error instanceof RangeError) return error.message;
    // It differs when it is played.
    if (error instanceof NotModelled || error instanceof UnspecifiedBehaviour) return undefined;
    throw error;
  }
}

/** Plays a file that was checked. @param tick Is told the id of each configuration that is done. */
export async function replay(file: string, { begin }: Model, tick: (id: string) => void): Promise<Readonly<Tally>> {
  const tally: Tally = { configurations: 0, requests: 0, agree: 0, differ: 0, explained: 0, disagreements: [], explanations: [] };
  for await (const { number, text } of linesOf(file)) {
    const configuration = JSON.parse(text) as Configuration;
    const { id, caps, req } = configuration;
    const differences = locating(`${file}:${number}: ${id}`, () => play(() => begin(caps), configuration));
    const open = differences.filter(({ paragraph }) => paragraph === undefined);
    const [first] = open;
    tally.configurations++;
    tally.requests += req.length;
    tally[differences.length === 0 ? 'agree' : first === undefined ? 'explained' : 'differ']++;
    if (first !== undefined && tally.disagreements.length < KEPT)
      tally.disagreements.push({ id, line: number, ...first, differences: open.length });
    const paragraph = first === undefined ? differences[0]?.paragraph : undefined;
    if (paragraph !== undefined && tally.explanations.length < KEPT) tally.explanations.push({ id, line: number, paragraph });
    tick(id);
  }
  return tally;
}

/** An error of the model itself says what it was at. */
function locating<T>(where: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (error instanceof Error) error.message = `${where}: ${error.message}`;
    throw error;
  }
}
