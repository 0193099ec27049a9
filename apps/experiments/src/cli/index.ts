// Runs one command line: prints what went wrong in one message, and returns the exit code.
import { CommanderError } from 'commander';
import { UsageError, type Workspace } from '../config/catalog.ts';
import { hint } from '../config/nearest.ts';
import { ConfigError } from '../config/problems.ts';
import { usedUp } from '../executor/disk-full.ts';
import { type Io, processIo } from './io.ts';
import { createProgram } from './program.ts';

/** Runs `stint ARGUMENTS`. Never throws; the exit codes are in `stint --help`. */
export async function main(
  args: readonly string[],
  { io = processIo, workspace }: { io?: Io; workspace?: Workspace } = {},
): Promise<number> {
  let code = 0;
  const program = createProgram({
    io,
    workspace,
    onExit: (value) => {
      code = value;
    },
  });
  for (const command of [program, ...program.commands.flatMap((each) => [each, ...each.commands])]) {
    command.exitOverride().configureOutput({ writeOut: (text) => io.out(text.trimEnd()), writeErr: (text) => io.err(text.trimEnd()) });
  }
  const names = program.commands.map((command) => command.name());
  try {
    const [first] = args;
    if (first !== undefined && !first.startsWith('-') && ![...names, 'help'].includes(first)) {
      throw new UsageError(
        `no command "${first}"${hint(
          first,
          names.filter((name) => !name.endsWith('-run')),
        )}; "stint --help" shows all`,
      );
    }
    await program.parseAsync([...args], { from: 'user' });
    return code;
  } catch (error) {
    return report(error, io);
  }
}

function report(error: unknown, io: Io): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2; // commander has printed it
  const said = error instanceof Error ? error.message : String(error);
  const space = usedUp(error);
  const message = space && !said.includes(space) ? `${space}: make space, then give the same command again\n  ${said}` : said;
  io.err(`stint: ${message.includes('\n') && error instanceof ConfigError ? `\n${message}` : message}`);
  if (process.env.STINT_DEBUG && error instanceof Error) io.err(String(error.stack));
  return error instanceof UsageError || error instanceof ConfigError ? 2 : 1;
}
