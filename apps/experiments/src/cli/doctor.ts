// `stint doctor`: what the engine found, and what is wrong.
import { type Io, printJson } from './io.ts';

/** What the engine says of itself: facts by name, and problems as sentences with the way out. */
export type Diagnosis = Record<string, unknown> & { problems: string[] };

export async function doctorCommand(
  { json }: { json?: boolean },
  { io }: { io: Io },
  diagnose: () => Promise<Diagnosis> = diagnoseEngine,
): Promise<number> {
  const diagnosis = await diagnose();
  const { problems, ...facts } = diagnosis;
  if (json) printJson(io, { ok: problems.length === 0, ...diagnosis });
  else {
    for (const [name, value] of Object.entries(facts))
      io.out(`${name.padEnd(20)} ${typeof value === 'object' ? JSON.stringify(value) : value}`);
    io.out(problems.length === 0 ? 'All is well.' : problems.map((problem) => `PROBLEM: ${problem}`).join('\n'));
  }
  return problems.length === 0 ? 0 : 1;
}

async function diagnoseEngine(): Promise<Diagnosis> {
  const engine = await import('@stint/engine');
  return (await engine.diagnose()) as unknown as Diagnosis;
}
