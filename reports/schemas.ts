/** The published schemas of machine-readable answers, and what an answer violates. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020';
import type { AnySchemaObject, ValidateFunction } from 'ajv/dist/2020';

/** `run` serves `matrix --json` too. */
export const ANSWERS = ['rules', 'run', 'mutants', 'bench', 'doctor', 'replay'] as const;
export type AnswerName = (typeof ANSWERS)[number];

const ajv = new Ajv2020({ allErrors: true, strict: true, strictRequired: false });
const compiled = new Map<AnswerName, ValidateFunction>();

/** What in `answer` the published schema does not allow, one line each with the place; empty when nothing. */
export function answerErrors(name: AnswerName, answer: unknown): readonly string[] {
  let validate = compiled.get(name);
  if (!validate) {
    validate = ajv.compile(schemaOf(name));
    compiled.set(name, validate);
  }
  if (validate(answer)) return [];
  return (validate.errors ?? []).map(({ instancePath, message, params }) => `${name}${instancePath}: ${message} ${JSON.stringify(params)}`);
}

function schemaOf(name: AnswerName): AnySchemaObject {
  // In a checkout docs/ is beside this folder; in the package it is beside dist/.
  const folder = ['..', join('..', '..')].map((up) => join(__dirname, up, 'docs', 'schemas')).find((path) => existsSync(path));
  return JSON.parse(readFileSync(join(folder ?? 'docs/schemas', `${name}.json`), 'utf8')) as AnySchemaObject;
}
