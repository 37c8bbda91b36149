/** A call that is made to be looked at: what the driver took, what it read of the user, and which commands it gave. */
import type { EventKind } from '#hw-models/core/trace';
import type { Bench } from './bench';
import { Broken, expectSame } from './outcomes';
import { say, type Act } from './verbs';

/** What a driver may do in a call any number of times. */
const DEEDS = {
  'allocates pages': 'page-alloc',
  'allocates structures': 'object-alloc',
  'reads user memory': 'copy-in',
  'writes user memory': 'copy-out',
  'gives a command': 'command',
} as const satisfies Readonly<Record<string, EventKind>>;
export type Deed = keyof typeof DEEDS;
export const DEED_NAMES = Object.keys(DEEDS) as readonly Deed[];

/** The call is accepted, and the driver does something in it so many times. */
export async function expectDeed(bench: Bench, done: Act, deed: Deed, times: number): Promise<void> {
  const events = await eventsOf(bench, done);
  expectSame(`${say(done)} ${deed}, times`, `${events.filter(({ kind }) => kind === DEEDS[deed]).length}`, `${times}`);
}

/** What a step says of the commands that a call gives. Each command is told as the trace begins to tell it. */
export interface Commands {
  readonly how: keyof typeof FITS;
  readonly text: string;
}

/** The call is accepted, and gives commands so. */
export async function expectCommands(bench: Bench, done: Act, { how, text }: Commands): Promise<void> {
  const commands = await commandsOf(bench, done);
  if (!FITS[how](commands, text)) throw new Broken(`${say(done)} gave the commands "${commands.join(', ')}", expected ${how} "${text}"`);
}

const FITS = {
  /** These in this order. */
  exactly: (commands: readonly string[], text: string): boolean => {
    const wanted = text === '' ? [] : text.split(', ');
    return commands.length === wanted.length && wanted.every((want, n) => begins(commands[n]!, want));
  },
  /** Groups separated by `then`: commands of one come in any order, and all of them before those of the next. */
  among: (commands: readonly string[], text: string): boolean => {
    let from = 0;
    for (const group of text.split(' then ')) {
      const found = group.split(', ').map((want) => commands.findIndex((command, n) => n >= from && begins(command, want)));
      if (found.includes(-1)) return false;
      from = Math.max(...found) + 1;
    }
    return true;
  },
  no: (commands: readonly string[], text: string): boolean => !commands.some((command) => begins(command, text)),
} as const;

/** `IOTINVAL.VMA pscid 0x1` begins `IOTINVAL.VMA pscid 0x1 address 0x1000` and not `IOTINVAL.VMA pscid 0x10`. */
const begins = (command: string, start: string): boolean => command === start || command.startsWith(`${start} `);

async function commandsOf(bench: Bench, done: Act): Promise<string[]> {
  return (await eventsOf(bench, done)).flatMap(({ kind, label }) => (kind === 'command' && label !== undefined ? [label] : []));
}

async function eventsOf(bench: Bench, done: Act): Promise<ReturnType<Bench['machine']['trace']['event']>[]> {
  const introduced = bench.introduce(done);
  if (introduced !== undefined) await introduced;
  const { trace } = bench.machine;
  const from = trace.length;
  await bench.does(undefined, done.verb, ...(done.args as never));
  return Array.from({ length: trace.length - from }, (_none, n) => trace.event(from + n));
}
