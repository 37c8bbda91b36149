import { describe, it } from 'node:test';
import { assert } from 'chai';
import type { Ending } from './lane';
import type { Declared, Report, Task } from './protocol';
import { runToEnd } from './run-to-end';
import type { Finish, Listener } from './run-to-end';

const scenario = (id: string): Declared => ({
  id,
  name: id,
  uri: 'features/a/b.feature',
  line: 1,
  tags: [],
  doing: (['given', 'when', 'then'] as const).map((phase) => ({ id: `${id}-${phase}`, phase, text: `the ${phase}` })),
  message: '',
});

const TASK: Task = { kind: 'loop', driver: './mine.ts', mode: 'eager', features: '', scenarios: [] };
const LOADING: Report = { kind: 'loading' };
const LOADED: Report = { kind: 'loaded', profile: 'toy', manifest: '{}' };
const declared = (...ids: readonly string[]): Report => ({ kind: 'declared', scenarios: ids.map(scenario) });
const started = (id: string): Report => ({ kind: 'started', id, attempt: id, message: '' });
const finished = (id: string, hung = false): Report => ({ kind: 'finished', id, hung });
const lost = (why: string): Ending => ({ kind: 'lost', why });

/** What a lane says to one task, and how it ends. */
type Part = readonly [reports: readonly Report[], ending: Ending, doing?: number];

interface Followed {
  readonly finish: Finish;
  readonly heard: string[];
  /** What was left each time that the task was to go on. */
  readonly tasks: string[][];
  readonly ran: readonly Task[];
}

/** Plays the parts one after another, and writes down what is heard. */
async function follow(...parts: readonly Part[]): Promise<Followed> {
  return followTask(TASK, ...parts);
}

async function followTask(first: Task, ...parts: readonly Part[]): Promise<Followed> {
  const ran: Task[] = [];
  const heard: string[] = [];
  const tasks: string[][] = [];
  let part = -1;
  let stop: (() => void) | undefined;
  const lane = {
    get doing() {
      return parts[part]?.[2] ?? 0;
    },
    stop: () => stop?.(),
    run: async (task: Task, report: (report: Report) => void): Promise<Ending> => {
      ran.push(task);
      const [reports, ending] = parts[++part] ?? [[], { kind: 'failed', message: 'one task too many' }];
      let stopped = false;
      stop = () => {
        stopped = true;
      };
      for (const one of reports) if (!stopped) report(one);
      return stopped ? lost('was stopped') : ending;
    },
  };
  const again = (left: readonly Declared[]): Task => {
    tasks.push(left.map(({ id }) => id));
    return TASK;
  };
  const listener: Listener = {
    started: ({ scenario: { id } }) => heard.push(`started ${id}`),
    finished: ({ scenario: { id } }) => heard.push(`finished ${id}`),
    exempt: ({ count }) => heard.push(`exempt ${count}`),
    lost: ({ scenario: { id }, verdict }) => heard.push(`lost ${id}: ${verdict.verdict}: ${verdict.message ?? ''}`),
    stray: (message) => heard.push(`stray: ${message}`),
  };
  const finish = await runToEnd(lane, first, again, listener, new AbortController().signal);
  return { finish, heard, tasks, ran };
}

describe('runToEnd', () => {
  it('is done when the lane is', async () => {
    const { finish, heard } = await follow([[LOADING, LOADED, declared('a'), started('a'), finished('a')], { kind: 'done' }]);
    assert.deepEqual(finish, { kind: 'done', message: '', profile: 'toy', manifest: '{}', left: [] });
    assert.deepEqual(heard, ['started a', 'finished a']);
  });

  it('judges the scenario that ended the lane, and goes on with the rest', async () => {
    const { finish, heard, tasks } = await follow(
      [[LOADING, LOADED, declared('a', 'b', 'c'), started('a'), finished('a'), started('b')], lost('called process.exit(0)'), 1],
      [[LOADING, LOADED, declared('c'), started('c'), finished('c')], { kind: 'done' }],
    );
    assert.strictEqual(finish.kind, 'done');
    assert.deepEqual(tasks, [['c']]);
    assert.deepEqual(heard, [
      'started a',
      'finished a',
      'started b',
      'lost b: broken: in "the when", the driver called process.exit(0)',
      'started c',
      'finished c',
    ]);
  });

  it('leaves a rule untested when the scene ended the lane', async () => {
    const { heard } = await follow([[LOADING, LOADED, declared('a'), started('a')], lost('took more than 1 MiB of memory'), 0]);
    assert.deepEqual(heard, ['started a', 'lost a: not-tested: setup: in "the given", the driver took more than 1 MiB of memory']);
  });

  it('gives up a driver that does not come back three times in a row', async () => {
    const hangs = (id: string, ...rest: readonly string[]): Part => [
      [LOADING, LOADED, declared(id, ...rest), started(id)],
      lost('did not answer'),
      1,
    ];
    const { finish } = await follow(hangs('a', 'b', 'c', 'd'), hangs('b', 'c', 'd'), hangs('c', 'd'));
    assert.deepEqual(
      [finish.kind, finish.message, finish.left.map(({ id }) => id)],
      ['gave-up', 'did not come back from 3 scenarios in a row', ['d']],
    );
  });

  it('counts what the Bench has waited for in vain, and begins anew after a scenario that ended', async () => {
    const late = (id: string): readonly Report[] => [started(id), finished(id, true)];
    const { finish } = await follow([
      [
        LOADING,
        LOADED,
        declared(...'abcdefg'),
        ...late('a'),
        ...late('b'),
        started('c'),
        finished('c'),
        ...late('d'),
        ...late('e'),
        ...late('f'),
        started('g'),
      ],
      { kind: 'done' },
    ]);
    assert.deepEqual([finish.kind, finish.left.map(({ id }) => id)], ['gave-up', ['g']]);
  });

  it('refuses a driver that ended the lane while it was loaded', async () => {
    const { finish } = await follow([[LOADING], lost('did not answer within 1 s')]);
    assert.deepInclude(finish, { kind: 'refused', message: './mine.ts: the driver did not answer within 1 s while it was loaded' });
  });

  describe('with scenarios that need not be played', () => {
    const plain: Task = { kind: 'features', driver: './mine.ts', mode: 'eager', sources: [], cwd: '', lines: [], isForeign: true };
    const asking: Task = { ...plain, tellApart: [] };
    const exempt: Report = { kind: 'exempt', count: 2, message: '' };

    it('hears of them before the first that is played', async () => {
      const { heard } = await followTask(asking, [[LOADING, LOADED, exempt, declared('a'), started('a'), finished('a')], { kind: 'done' }]);
      assert.deepEqual(heard, ['exempt 2', 'started a', 'finished a']);
    });

    for (const [when, reports] of [
      ['while the driver is asked', [LOADING, LOADED]],
      ['before anything is played', [LOADING, LOADED, exempt]],
    ] as const) {
      it(`plays them all when the lane ended ${when}`, async () => {
        const { heard, tasks, ran } = await followTask(
          asking,
          [reports, lost('called process.exit(0)')],
          [[LOADING, LOADED, declared('a'), started('a'), finished('a')], { kind: 'done' }],
        );
        assert.deepEqual(ran, [asking, plain]);
        assert.deepEqual(heard, ['started a', 'finished a']);
        assert.deepEqual(tasks, []);
      });
    }

    it('refuses a driver that ended the lane while it was loaded', async () => {
      const { finish } = await followTask(asking, [[LOADING], lost('did not answer within 1 s')]);
      assert.strictEqual(finish.kind, 'refused');
    });
  });

  it('does not blame the driver for what happened before it was loaded', async () => {
    const { finish } = await follow([[], lost('crashed: SyntaxError')]);
    assert.deepInclude(finish, { kind: 'failed', message: 'the lane crashed: SyntaxError' });
  });

  it('goes on when the lane ended between two scenarios, and says so', async () => {
    const { finish, heard } = await follow(
      [[LOADING, LOADED, declared('a', 'b'), started('a'), finished('a')], lost('called process.exit(1)')],
      [[LOADING, LOADED, declared('b'), started('b'), finished('b')], { kind: 'done' }],
    );
    assert.strictEqual(finish.kind, 'done');
    assert.include(heard, 'stray: it called process.exit(1) between two scenarios');
  });

  it('stops when it is told to, and keeps what is left', async () => {
    const controller = new AbortController();
    let end: ((ending: Ending) => void) | undefined;
    const lane = {
      doing: 0,
      stop: () => end?.(lost('was stopped')),
      run: (_task: Task, report: (report: Report) => void) =>
        new Promise<Ending>((resolve) => {
          end = resolve;
          for (const one of [LOADING, LOADED, declared('a', 'b'), started('a')]) report(one);
        }),
    };
    const finish = runToEnd(lane, TASK, () => TASK, {}, controller.signal);
    controller.abort();
    const { kind, left } = await finish;
    assert.deepEqual([kind, left.map(({ id }) => id)], ['stopped', ['b']]);
  });
});
