// The script of a job array: which command an element runs, and when it is put back into the queue. Runs resume, so a run may be
// started as often as Slurm (a node that fails, preemption) or this script (a killed process, the time limit) likes.
import path from 'node:path';
import type { SlurmSettings } from './settings.ts';

export interface ScriptTask {
  /** For people. */
  name: string;
  command: readonly string[];
  env: Record<string, string>;
  /** Everything the command prints is appended here; its folder also counts the restarts. */
  logFile: string;
  /** Newer than the start of a job: the job got somewhere. Absent: the task cannot go on from a part of it. */
  checkpoint?: string;
  /** A file that must be there first; `why` is printed where it is not. */
  needs?: { file: string; why: string };
}

/** Exit code of a job whose task could not begin: what it needs is missing. */
export const BLOCKED = 3;

const MAIN = `
fail() { echo "$2" | tee -a "$log"; exit "$1"; }
# Another node wrote it: listing its folder makes a network file system look again.
[ -z "$needs" ] || ls "$(dirname "$needs")" > /dev/null 2>&1
if [ -n "$needs" ] && [ ! -e "$needs" ]; then fail ${BLOCKED} "$why"; fi
again() { scontrol requeue "$SLURM_JOB_ID" && { sleep 600 & wait; }; exit "$code"; }

: > "$log.started"
"\${command[@]}" >> "$log" 2>&1 &
child=$!
interrupted=; timeup=
trap 'interrupted=1; timeup=1; kill -TERM $child' USR1
trap 'interrupted=1; kill -TERM $child' TERM
trap 'interrupted=1; kill -INT $child' INT
while :; do
  interrupted=
  wait "$child"; code=$?
  [ -n "$interrupted" ] || break
done

if [ -n "$timeup" ] && [ "$code" != 0 ]; then
  if [ -n "$checkpoint" ] && [ "$checkpoint" -nt "$log.started" ]; then
    echo "time limit: saved, goes on in the next job" | tee -a "$log"
    again
  fi
  fail "$code" "the time limit is too short: nothing was saved within one job"
fi
case "$code" in
  # Aborted, bus error, killed, segmentation fault: not what a failing run does by itself.
  134|135|137|139)
    count=$(($(cat "$log.restarts" 2>/dev/null || echo 0) + 1))
    if [ "$count" -gt "$restarts" ]; then fail "$code" "ended by signal $((code - 128)) again: given up after $restarts restarts"; fi
    echo "$count" > "$log.restarts"
    echo "ended by signal $((code - 128)): restart $count of $restarts" | tee -a "$log"
    again
    ;;
esac
exit "$code"
`;

/** The script's text. Element `k` of the array runs `tasks[k]`; without an array the only one. */
export function jobScript(tasks: readonly ScriptTask[], { root, settings }: { root: string; settings: SlurmSettings }): string {
  const { modules, setup, restarts } = settings;
  const cases = tasks.map(({ name, command, env, logFile, checkpoint = '', needs }, index) =>
    [
      `  ${index}) # ${name}`,
      `    log=${quote(logFile)}`,
      `    checkpoint=${quote(checkpoint)}`,
      `    needs=${quote(needs?.file ?? '')}`,
      `    why=${quote(needs?.why ?? '')}`,
      ...Object.entries(env).map(([key, value]) => `    export ${key}=${quote(value)}`),
      `    command=(${command.map(quote).join(' ')})`,
      '    ;;',
    ].join('\n'),
  );
  return [
    '#!/bin/bash',
    '# Written by stint (apps/experiments/src/executor/slurm/script.ts).',
    `cd ${quote(root)} || exit 1`,
    ...(modules.length > 0
      ? ['type module > /dev/null 2>&1 || . /etc/profile', `module load ${modules.map(quote).join(' ')} || exit 1`]
      : []),
    ...setup,
    `restarts=${restarts}`,
    `case "\${SLURM_ARRAY_TASK_ID:-0}" in`,
    ...cases,
    'esac',
    MAIN.trim(),
    '',
  ].join('\n');
}

/** Arguments of sbatch for `count` tasks, without the script. Output goes to `FOLDER/NAME-JOB_INDEX.out`. */
export function sbatchArguments(
  { name, folder, count, cpus, dependency }: { name: string; folder: string; count: number; cpus: number; dependency?: string },
  settings: SlurmSettings,
): string[] {
  const { partition, account, qos, constraint, gres, memory, time, grace, parallel, options } = settings;
  const given: [string, string | number | undefined][] = [
    ['job-name', name],
    ['array', `0-${count - 1}${parallel === undefined ? '' : `%${parallel}`}`],
    // Slurm replaces what follows a %.
    ['output', path.join(folder.replaceAll('%', '%%'), `${OUTPUT_PREFIX}%A_%a.out`)],
    ['open-mode', 'append'],
    ['signal', `B:USR1@${grace}`],
    ['ntasks', 1],
    ['cpus-per-task', settings.cpus ?? cpus],
    ['partition', partition],
    ['account', account],
    ['qos', qos],
    ['constraint', constraint],
    ['gres', gres],
    ['mem', memory],
    ['time', time],
    ['dependency', dependency],
  ];
  const words = given.flatMap(([key, value]) => (value === undefined ? [] : [`--${key}=${value}`]));
  return ['--parsable', '--requeue', ...words, ...options];
}

const OUTPUT_PREFIX = 'slurm-';

/** Where Slurm writes what an element prints itself: its set-up, and why it was ended. */
export function outputFile(folder: string, job: string, index: number): string {
  return path.join(folder, `${OUTPUT_PREFIX}${job}_${index}.out`);
}

/** One word of bash, whatever is in it. */
export function quote(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
