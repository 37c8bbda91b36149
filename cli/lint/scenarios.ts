/** Sizes and shape of scenarios and backgrounds. */
import { StepKeywordType } from '@cucumber/messages';
import type { Background, Examples, Scenario, Step, Tag } from '@cucumber/messages';
import { refuse, warn } from '#cli/lint/finding';
import type { Finding } from '#cli/lint/finding';
import type { Vocabulary } from '#cli/lint/tags';
import type { Place } from '#reports/ledger/error';
import { valuesOf } from '#reports/ledger/tags';

const MOST_STEPS = 10;
const MOST_BACKGROUND_STEPS = 2;
/** The area whose scenarios may act more than once, because order is what they are about. */
const ORDER = 'order';

/** Checks one scenario. `inherited` holds the tags of its Rule and Feature. */
export function lintScenario(uri: string, scenario: Scenario, inherited: readonly Tag[], vocabulary: Vocabulary): readonly Finding[] {
  const { name, steps, location, tags } = scenario;
  const at = { uri, line: location.line };
  const actions = steps.filter(({ keywordType }) => keywordType === StepKeywordType.ACTION).length;
  const aboutOrder = valuesOf('area', [...inherited, ...tags]).includes(ORDER);
  return [
    ...(name === '' ? [refuse(at, 'the scenario has no name', 'write what it shows after the colon')] : []),
    ...(steps.length === 0 ? [refuse(at, 'the scenario has no steps', 'add Given, When and Then')] : []),
    ...(steps.length > MOST_STEPS ? [refuse(at, `the scenario has ${steps.length} steps`, `keep at most ${MOST_STEPS}, or split it`)] : []),
    ...(actions > 1 && !aboutOrder
      ? [warn(at, `the scenario has ${actions} Whens`, `keep one, or tag it @area:${ORDER} if order is its subject`)]
      : []),
    ...steps.flatMap((step) => lintStep(uri, step, vocabulary)),
  ];
}

/** Checks one background, of a Feature or of a Rule. */
export function lintBackground(uri: string, { steps, location }: Background, vocabulary: Vocabulary): readonly Finding[] {
  const at = { uri, line: location.line };
  return [
    ...(steps.length > MOST_BACKGROUND_STEPS
      ? [
          refuse(
            at,
            `the background has ${steps.length} steps`,
            `keep at most ${MOST_BACKGROUND_STEPS}, and move the others to the scenarios`,
          ),
        ]
      : []),
    ...steps.flatMap((step) => lintStep(uri, step, vocabulary)),
  ];
}

function lintStep(uri: string, { text, dataTable, location }: Step, vocabulary: Vocabulary): readonly Finding[] {
  const cells = dataTable?.rows.flatMap((row) => row.cells.map(({ value }) => value)) ?? [];
  return lintDriverNames({ uri, line: location.line }, 'the step names', [text, ...cells], vocabulary);
}

/** Refuses driver names in the tables of an outline. */
export function lintTable(uri: string, { tableBody, location }: Examples, vocabulary: Vocabulary): readonly Finding[] {
  const cells = tableBody.flatMap((row) => row.cells.map(({ value }) => value));
  return lintDriverNames({ uri, line: location.line }, 'the examples name', cells, vocabulary);
}

function lintDriverNames(at: Place, says: string, texts: readonly string[], { drivers = [] }: Vocabulary): readonly Finding[] {
  const words = texts.flatMap((part) => part.split(/[^\w-]+/));
  return drivers
    .filter((driver) => words.includes(driver))
    .map((driver) => refuse(at, `${says} the driver ${driver}`, 'ask for a capability with @needs:<capability>'));
}
