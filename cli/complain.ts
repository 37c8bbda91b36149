/** One line on stderr, for people: what is wrong, and what to type next. */
export function complain(message: string): void {
  process.stderr.write(`iommu-tck: ${message.trim().replaceAll(/\s*\n\s*/g, ' ')}\n`);
}
