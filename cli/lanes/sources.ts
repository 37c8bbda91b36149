/** Scenarios as Cucumber takes them: each file with their lines. */
export function sourcesOf(scenarios: readonly { readonly uri: string; readonly line: number }[]): string[] {
  const lines = new Map<string, number[]>();
  for (const { uri, line } of scenarios) lines.set(uri, [...(lines.get(uri) ?? []), line]);
  return [...lines].map(([uri, own]) => [uri, ...own].join(':'));
}
