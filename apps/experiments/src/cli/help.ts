// What the help of every command has: examples, the exit codes, --json.
import { Option } from 'commander';

export const EXIT_CODES = `
Exit codes: 0 done; 1 failed; 2 wrong usage or configuration; 130, 143 stopped by Ctrl-C or SIGTERM (work is saved).
Set STINT_DEBUG=1 for stack traces.`;

export const json = () => new Option('--json', 'print one JSON document to stdout and nothing else there');
export const examples = (...lines: string[]): string =>
  `\nExamples:\n${lines.map((line) => `  $ npx stint ${line}`).join('\n')}\n${EXIT_CODES}`;
