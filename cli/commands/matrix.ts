/** `iommu-tck matrix`: every bundled driver, or those that are named, against their rules. */
import { bundledJobs, DEFAULT_MODE, jobsOf } from '#cli/conformance/drivers';
import type { Job } from '#cli/conformance/job';
import type { ExitCode } from '#cli/exit-code';
import { conformance } from './conformance';
import type { ConformanceOptions } from './conformance';

export interface MatrixOptions extends ConformanceOptions {
  readonly driver?: readonly string[];
}

/** Throws `UsageError` and `FeatureError`. */
export async function matrix(options: MatrixOptions): Promise<ExitCode> {
  return conformance(options, { jobs: await jobs(options), formats: ['html', 'junit', 'ktap', 'markdown'], isMatrix: true });
}

async function jobs({ driver, mode }: MatrixOptions): Promise<readonly Job[]> {
  const bundled = bundledJobs();
  const names = [...new Set(driver ?? bundled.map((job) => job.driver))];
  const all = await Promise.all(
    names.map(async (name) => {
      const own = bundled.filter((job) => job.driver === name);
      return mode === undefined && own.length > 0 ? own : jobsOf(name, mode ?? [DEFAULT_MODE]);
    }),
  );
  return all.flat();
}
