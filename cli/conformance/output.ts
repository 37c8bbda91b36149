/** The folder of reports: what of a run is written down, and under which names. */
import { createWriteStream, existsSync, mkdirSync, mkdtempSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CucumberHtmlStream } from '@cucumber/html-formatter';
import { makeFolder } from '#drivers/make-folder';
import { UsageError } from '#drivers/usage';
import { junit } from '#reports/junit';
import { ktap } from '#reports/ktap';
import { ledgerMarkdown } from '#reports/ledger-report';
import { markdown } from '#reports/markdown';
import { runJson } from '#reports/run';
import type { Run } from '#reports/run';
import { site } from '#reports/site';
import type { Format } from '#cli/options';
import type { JobResult } from './job';

interface File {
  /** Below the folder, with `/`. */
  readonly path: string;
  readonly text: string;
}

/** `run.json` is written for every run. */
const WRITERS: Readonly<Record<Format, (run: Run) => readonly File[]>> = {
  html: (run) => site(run).map(({ path, text }) => ({ path: `site/${path}`, text })),
  junit: (run) => [{ path: 'junit.xml', text: junit(run) }],
  ktap: (run) => [{ path: 'results.ktap', text: ktap(run) }],
  json: (run) => [{ path: 'run.json', text: runJson(run) }],
  markdown: (run) => [
    { path: 'summary.md', text: markdown(run) },
    { path: 'ledger.md', text: ledgerMarkdown(run.ledger) },
  ],
};

/** Whether the folder is writable, or can be made. Throws `UsageError`. */
export function checkOutput(out: string): void {
  let there = resolve(out);
  while (!existsSync(there)) there = dirname(there);
  try {
    // Rights alone do not say it: in /proc a root may write, and nothing can be made there.
    rmdirSync(mkdtempSync(join(there, '.iommu-tck-')));
  } catch (error) {
    throw new UsageError(unwritable(out, error));
  }
}

const unwritable = (out: string, error: unknown): string =>
  `--out ${out}: cannot be written: ${(error as Error).message}; name another folder`;

/** Makes the folder. Throws `UsageError` when nothing can be written there. */
export function openOutput(out: string): void {
  try {
    makeFolder(out);
  } catch (error) {
    throw new UsageError(unwritable(out, error));
  }
}

/** @returns What a person opens first, below `out`. */
export function writeReports(run: Run, out: string, formats: readonly Format[]): readonly string[] {
  openOutput(out);
  const wanted = [...new Set<Format>([...formats, 'json'])];
  return wanted.flatMap((format) => {
    const files = WRITERS[format](run);
    for (const { path, text } of files) {
      const file = join(out, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
    return format === 'html' ? ['site/index.html'] : files.map(({ path }) => path);
  });
}

/** Cucumber's own page for each message stream: a mebibyte each, so only for who asks. @returns As `writeReports`. */
export async function writeCucumberPages(results: readonly JobResult[], out: string): Promise<readonly string[]> {
  const folder = join(out, 'cucumber');
  mkdirSync(folder, { recursive: true });
  const pages: string[] = [];
  for (const { file } of results) {
    if (!existsSync(file)) continue;
    const name = `${basename(file, '.ndjson')}.html`;
    const lines = readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line !== '');
    if (lines.length === 0) continue;
    const envelopes = lines.map((line) => JSON.parse(line) as unknown);
    await pipeline(Readable.from(envelopes), new CucumberHtmlStream(), createWriteStream(join(folder, name)));
    pages.push(`cucumber/${name}`);
  }
  return pages;
}
