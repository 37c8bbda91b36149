/** What the contract's sources say of each interface, record and member, so that every SDK says the same. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { ROOT } from '#cli/root';

/** By `Interface.member` and by `Interface`: the words of the comment. */
export type Comments = ReadonlyMap<string, string>;

const CONTRACT = join(ROOT, 'drivers', 'contract');

export function readComments(): Comments {
  const comments = new Map<string, string>();
  for (const name of readdirSync(CONTRACT).filter((file) => file.endsWith('.ts') && !file.includes('.test'))) {
    const source = ts.createSourceFile(name, readFileSync(join(CONTRACT, name), 'utf8'), ts.ScriptTarget.ES2022, true);
    for (const statement of source.statements) {
      if (ts.isInterfaceDeclaration(statement)) {
        add(comments, statement.name.text, statement);
        for (const member of statement.members) add(comments, `${statement.name.text}.${nameOf(member)}`, member);
      }
      if (ts.isTypeAliasDeclaration(statement)) add(comments, statement.name.text, statement);
    }
  }
  return comments;
}

const nameOf = ({ name }: ts.TypeElement): string => (name !== undefined && ts.isIdentifier(name) ? name.text : '');

function add(comments: Map<string, string>, name: string, node: ts.Node): void {
  const [comment] = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc);
  if (comment === undefined) return;
  const words = comment
    .getText()
    .replace(/^\/\*\*|\*\/$/g, '')
    .replaceAll(/^\s*\* ?/gm, '')
    .trim();
  comments.set(name, words);
}

/** A block comment of C and Rust, wrapped. @param mark What begins each line of a line comment; a block when absent. */
export function comment(words: string | undefined, indent: string, mark?: string): string {
  if (words === undefined || words === '') return '';
  const width = 110 - indent.length;
  const lines = words.split('\n').flatMap((line) => wrap(line, width));
  if (mark !== undefined) return lines.map((line) => `${indent}${mark} ${line}`.trimEnd() + '\n').join('');
  if (lines.length === 1) return `${indent}/* ${lines[0]} */\n`;
  return `${indent}/*\n${lines.map((line) => `${indent} * ${line}`.trimEnd() + '\n').join('')}${indent} */\n`;
}

function wrap(line: string, width: number): readonly string[] {
  const lines: string[] = [];
  let now = '';
  for (const word of line.split(' ')) {
    if (now !== '' && now.length + 1 + word.length > width) {
      lines.push(now);
      now = word;
    } else now = now === '' ? word : `${now} ${word}`;
  }
  return [...lines, now];
}
