import { describe, it } from 'node:test';
import { assert } from 'chai';
import { create } from 'xmlbuilder2';
import { applyBaseline } from './baseline';
import { failureMail, failuresOf } from './failure';
import { junit } from './junit';
import { ktap } from './ktap';
import { ledgerJson, ledgerMarkdown } from './ledger-report';
import { markdown } from './markdown';
import { matrix } from './matrix';
import { readRecord } from './record';
import type { ScenarioRecord } from './record';
import type { Run } from './run';
import { site } from './site';
import { assertGolden, record, sampleLedger, sampleRun } from './testdata/support';
import { judgeRun } from './verdicts';

const run = sampleRun();
const judged = (...records: readonly ScenarioRecord[]): Run => judgeRun(records, sampleLedger());
/** What a hostile driver might put into a report. */
const NASTY = '<script>alert(1)</script> ]]> & "\'` ``` | # \u001b[31mred\u0007\u0000';
const nasty = judged(
  readRecord(record({ driver: 'a <b> & "c"', verdict: 'broken', message: NASTY, trace: [NASTY, 'two\nlines'] }), 'test'),
);

describe('matrix', () => {
  it('looks as in the golden file', () => assertGolden('matrix.txt', matrix(run)));

  it('numbers the columns when the names do not fit', () => assertGolden('matrix-narrow.txt', matrix(run, { width: 30 })));

  it('is painted without a change of its text', () => {
    const seen = new Set<string>();
    const painted = matrix(run, { paint: (text, as) => (seen.add(as), `<${as}>${text}</>`) });
    assert.strictEqual(painted.replaceAll(/<[a-z-]*>|<\/>/g, '').replaceAll(/ +$/gm, ''), matrix(run));
    assert.includeMembers([...seen], ['kept', 'broken', 'expected', 'differs', 'harness-error', 'heading', 'quiet']);
  });

  it('says of what less was asked than the rule says', () => {
    const bound = 'with a smaller bound: 4 of 9 calls';
    const bounded = judged(record({ message: bound }), record({ message: bound, mode: 'lazy' }));
    const [rule] = record().rules;
    assert.strictEqual(matrix(bounded).split(`\n  ${rule} ${bound}\n`).length, 2);
  });
});

describe('failure', () => {
  it('reads like a mail', () => assertGolden('failures.txt', failuresOf(run).map(failureMail).join('\n')));

  it('has at most ten lines, whatever was found', () => {
    const trace = Array.from({ length: 100 }, (_, n) => `#${n} cpu0 write`);
    const long = judged(
      record({ verdict: 'broken', message: 'one\ntwo\nthree', trace }),
      record({ rules: ['DOM-ID-01'], verdict: 'harness-error', message: 'a\nb\nc' }),
    );
    for (const failure of [...failuresOf(long), ...failuresOf(run), ...failuresOf(nasty)])
      assert.isAtMost(failureMail(failure).trimEnd().split('\n').length, 10);
    assert.include(failureMail(failuresOf(long)[0]!), '(98 events before)');
  });

  it('speaks of what differs and of advice when asked', () => {
    assert.deepEqual(
      failuresOf(run, ['differs', 'advice']).map((failure) => failureMail(failure).split('\n')[0]),
      ['careful differs from DOM-ID-01 (lazy)', 'hasty goes against the advice of DOM-FREE-01 (eager)'],
    );
  });

  it('shows what nobody expected, apart from what somebody did', () => {
    const known = { verdict: 'broken', message: 'map: done', trace: ['#1'] } as const;
    const both = judged(
      record(known),
      record({ ...known, mode: 'lazy' }),
      record({ verdict: 'broken', mode: 'lazy', message: 'map: EIO', trace: ['#1', '#2'] }),
    );
    const mails = failuresOf(applyBaseline(both, new Map([['careful', [{ rule: 'COM-MAP-01', message: 'done' }]]]))).map(failureMail);
    assert.match(mails[0] ?? '', /^careful breaks COM-MAP-01, as its baseline expects \(eager\)\n[^]*Found: {4}map: done\n/);
    assert.match(mails[1] ?? '', /^careful breaks COM-MAP-01 \(lazy\)\n[^]*Found: {4}map: EIO\n/);
  });

  it('names every mode that shows it', () => {
    const both = judged(record({ verdict: 'broken' }), record({ verdict: 'broken', mode: 'seeded:7' }));
    assert.match(failureMail(failuresOf(both)[0]!), /^careful breaks COM-MAP-01 \(eager, seeded:7\)\n/);
  });
});

describe('junit', () => {
  it('looks as in the golden file', () => assertGolden('junit.xml', junit(run)));

  it('stays XML whatever a driver says', () => {
    assert.include(junit(nasty), '&lt;script&gt;alert(1)&lt;/script&gt; ]]&gt; &amp; "');
    assert.doesNotThrow(() => create(junit(nasty)));
    assert.notMatch(junit(nasty), /[^\P{Cc}\n]/u);
  });

  it('gives rows of an outline that share a name names of their own', () => {
    const text = junit(judged(record(), record({ line: 17 })));
    assert.include(text, 'name="COM-MAP-01: overlap at the start"');
    assert.include(text, 'name="COM-MAP-01: overlap at the start [2]"');
  });
});

describe('ktap', () => {
  it('looks as in the golden file', () => assertGolden('ktap.txt', ktap(run)));

  it('plans what it prints, numbered from 1, at every level', () => {
    for (const text of [ktap(run), ktap(nasty)]) {
      const left: { planned: number; seen: number }[] = [];
      for (const line of text.trimEnd().split('\n')) {
        const [, indent = '', rest = ''] = /^( *)(.*)$/.exec(line) ?? [];
        const depth = indent.length / 2;
        const [, planned] = /^1\.\.(\d+)$/.exec(rest) ?? [];
        if (planned !== undefined) left[depth] = { planned: Number(planned), seen: 0 };
        else if (/^(not )?ok /.test(rest)) {
          assert.match(rest, /^(not )?ok \d+ [^#]+( # (SKIP|XFAIL|ERROR)\b.*)?$/);
          left[depth]!.seen += 1;
          assert.strictEqual(Number(/\d+/.exec(rest)?.[0]), left[depth]!.seen, line);
          for (const { planned: total, seen } of left.splice(depth + 1)) assert.strictEqual(seen, total, line);
        } else assert.match(rest, /^(KTAP version 1|#.*)$/);
      }
      assert.strictEqual(left[0]?.seen, left[0]?.planned);
    }
  });

  it('skips a file of which everything was skipped', () => {
    assert.include(
      ktap(judged(record({ verdict: 'not-applicable' }))),
      '\n  ok 1 features/common/01-mapping.feature # SKIP\nok 1 careful (eager) # SKIP\n',
    );
  });
});

describe('markdown', () => {
  it('looks as in the golden file', () => assertGolden('summary.md', markdown(run)));

  it('shows what a driver says as text', () => {
    const text = markdown(nasty);
    assert.include(text, '| a &lt;b> &amp; "c" | sample-v2 |');
    assert.match(text, /\n````text\n[^]*``` \|[^]*\n````\n/);
  });
});

describe('the report of the ledger', () => {
  it('looks as in the golden files', () => {
    assertGolden('ledger.md', ledgerMarkdown(sampleLedger()));
    assertGolden('ledger.json', ledgerJson(sampleLedger()));
  });
});

describe('site', () => {
  const pages = site(run);

  it('looks as in the golden files', () => {
    for (const path of ['index.html', 'rules/COM-UNMAP-01.html', 'rules/DOM-PASID-01.html']) {
      assertGolden(`site/${path.replace('/', '-')}`, pages.find((page) => page.path === path)?.text ?? '');
    }
  });

  it('has a page for each rule of the ledger', () => {
    assert.deepEqual(
      pages.map(({ path }) => path),
      ['index.html', ...sampleLedger().rules.map(({ id }) => `rules/${id}.html`)],
    );
  });

  it('links only to what is there, and loads nothing', () => {
    for (const all of [pages, site(nasty)]) {
      for (const { path, text } of all) {
        const ids = [...text.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
        assert.sameMembers(ids, [...new Set(ids)], `${path}: ids are unique`);
        assert.notMatch(text, /<(script|img|link|iframe)\b|\bsrc=|https?:|url\(|@import/, path);
        for (const [, href = ''] of text.matchAll(/ href="([^"]*)"/g)) {
          const [file = '', id = ''] = href.split('#');
          const target = all.find((page) => page.path === (file.startsWith('../') ? file.slice(3) : file));
          assert.isDefined(target, `${path}: ${href}`);
          if (id !== '') assert.isTrue(target?.text.includes(` id="${id}"`), `${path}: ${href}`);
        }
      }
    }
  });

  it('balances its tags', () => {
    for (const { path, text } of [...pages, ...site(nasty)]) {
      const open: string[] = [];
      for (const [, close, name = ''] of text.replace(/<style>[^]*?<\/style>/, '').matchAll(/<(\/?)([a-z]\w*)[^>]*>/g)) {
        if (['meta', 'html', 'br'].includes(name)) continue;
        if (close === '') open.push(name);
        else assert.strictEqual(open.pop(), name, path);
      }
      assert.deepEqual(open, [], path);
    }
  });
});
