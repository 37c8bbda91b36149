/** How the command speaks to people: colours and progress on a terminal, plain lines elsewhere. */
import { styleText } from 'node:util';
import type { WriteStream } from 'node:tty';
import { SingleBar } from 'cli-progress';
import type { Paint } from '#reports/matrix';

/** `NO_COLOR` and a dumb terminal are respected. */
const isColourful = (stream: WriteStream): boolean => stream.isTTY && stream.hasColors();

const COLOURS: Readonly<Partial<Record<Parameters<Paint>[1], Parameters<typeof styleText>[0]>>> = {
  kept: 'green',
  broken: 'red',
  'harness-error': 'red',
  expected: 'yellow',
  differs: 'yellow',
  advice: 'yellow',
  'not-tested': 'gray',
  'not-applicable': 'gray',
  'not-run': 'gray',
  heading: 'bold',
  quiet: 'gray',
};

/** For text on stdout. */
export const paint: Paint = (text, as) => {
  const colour = COLOURS[as];
  return colour === undefined || !isColourful(process.stdout) ? text : styleText(colour, text);
};

export const widthOf = (stream: WriteStream): number => (stream.isTTY ? stream.columns : 100);

export const say = (text: string): void => void process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);

/** How far long work has come. */
export interface Progress {
  /** One more is done; `label` is what is being worked on. */
  tick(label: string): void;
  /** A part is done: a line of its own where there is no bar. */
  line(text: string): void;
  stop(): void;
}

/** On stderr. @param quiet Nobody looks unless it is a terminal. */
export function progress(total: number, quiet: boolean): Progress {
  if (process.stderr.isTTY) return bar(total);
  const line = quiet ? () => undefined : (text: string) => void process.stderr.write(`${text}\n`);
  return { tick: () => undefined, line, stop: () => undefined };
}

function bar(total: number): Progress {
  const shown = new SingleBar({
    stream: process.stderr,
    format: '{bar} {value}/{total}  {label}',
    barCompleteChar: '#',
    barIncompleteChar: '.',
    barsize: 30,
    hideCursor: true,
    clearOnComplete: true,
    stopOnComplete: false,
  });
  shown.start(total, 0, { label: '' });
  return {
    tick: (label) => shown.increment({ label }),
    // The bar says as much, and what it saves of the cursor does not bear other lines.
    line: () => undefined,
    stop: () => shown.stop(),
  };
}
