// A real Slurm on this machine for a test: munged, slurmctld and slurmd with configuration, keys, state and logs in a folder of their own,
// on free ports of the loopback. Nothing of an installed cluster's configuration is read or changed.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';

const PATHS = [...(process.env.PATH ?? '').split(path.delimiter), '/usr/sbin', '/usr/local/sbin', '/sbin'];
const DAEMONS = ['munged', 'slurmctld', 'slurmd'];
const CLIENTS = ['sbatch', 'squeue', 'scancel', 'scontrol', 'sinfo'];

export interface Cluster {
  /** For the commands that are to use this cluster. */
  env: Record<string, string>;
  /** One of Slurm's commands; its output. */
  call(command: string, ...args: string[]): string;
  stop(): Promise<void>;
  /** The ends of the daemons' logs. */
  logs(): string;
}

/** Programs that are missing; empty when a cluster can be started. */
export function missingPrograms(): string[] {
  return [...DAEMONS, ...CLIENTS].filter((name) => find(name) === undefined);
}

function find(name: string): string | undefined {
  return PATHS.map((folder) => path.join(folder, name)).find((file) => fs.existsSync(file));
}

/** Starts the daemons and waits until the node takes jobs. */
export async function startCluster(): Promise<Cluster> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'slurm-'));
  for (const name of ['state', 'spool', 'log']) fs.mkdirSync(path.join(folder, name));
  fs.writeFileSync(path.join(folder, 'munge.key'), randomBytes(1024), { mode: 0o400 });
  const file = path.join(folder, 'slurm.conf');
  fs.writeFileSync(file, configuration(folder, [await freePort(), await freePort()]));
  const env = { SLURM_CONF: file };
  const daemons: ChildProcess[] = [];
  const daemon = (name: string, ...args: string[]): void => {
    const out = fs.openSync(path.join(folder, 'log', `${name}.out`), 'a');
    daemons.push(spawn(find(name)!, args, { cwd: folder, env: { ...process.env, ...env }, stdio: ['ignore', out, out] }));
    fs.closeSync(out);
  };
  const call: Cluster['call'] = (command, ...args) => {
    const { status, stdout, stderr } = spawnSync(find(command)!, args, { encoding: 'utf8', env: { ...process.env, ...env } });
    if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`);
    return stdout;
  };
  const logs = () =>
    fs
      .readdirSync(path.join(folder, 'log'))
      .map((name) => `${name}:\n${fs.readFileSync(path.join(folder, 'log', name), 'utf8').slice(-1500)}`)
      .join('\n');
  const stop = async (): Promise<void> => {
    for (const child of daemons.reverse()) await ended(child);
    fs.rmSync(folder, { recursive: true, force: true });
  };
  const at = (name: string) => path.join(folder, name);
  const munge = [
    `--key-file=${at('munge.key')}`,
    `--socket=${at('munge')}`,
    `--log-file=${at('log/munged.log')}`,
    `--pid-file=${at('munge.pid')}`,
  ];
  daemon('munged', '--foreground', '--force', ...munge, `--seed-file=${at('munge.seed')}`, '--num-threads=1');
  await until(() => fs.existsSync(at('munge')), 'munged has no socket', logs);
  daemon('slurmctld', '-D', '-c', '-f', file);
  daemon('slurmd', '-D', '-N', 'localhost', '-f', file);
  await until(() => /idle/.test(attempt(() => call('sinfo', '-h', '-o', '%T'))), 'the node does not become idle', logs);
  return { env, call, stop, logs };
}

function configuration(folder: string, [controller, node]: number[]): string {
  const user = os.userInfo().username;
  return [
    'ClusterName=stint',
    'SlurmctldHost=localhost(127.0.0.1)',
    `SlurmctldPort=${controller}`,
    `SlurmdPort=${node}`,
    `SlurmUser=${user}`,
    `SlurmdUser=${user}`,
    'AuthType=auth/munge',
    // A requeued job begins when the credential of its first start has expired: two minutes by default, 5 seconds at least.
    `AuthInfo=socket=${folder}/munge,cred_expire=5`,
    `StateSaveLocation=${folder}/state`,
    `SlurmdSpoolDir=${folder}/spool`,
    `SlurmctldPidFile=${folder}/slurmctld.pid`,
    `SlurmdPidFile=${folder}/slurmd.pid`,
    `SlurmctldLogFile=${folder}/log/slurmctld.log`,
    `SlurmdLogFile=${folder}/log/slurmd.log`,
    'ProctrackType=proctrack/linuxproc',
    'TaskPlugin=task/none',
    'AccountingStorageType=accounting_storage/none',
    'JobAcctGatherType=jobacct_gather/none',
    'MpiDefault=none',
    'SelectType=select/cons_tres',
    'SelectTypeParameters=CR_Core',
    'SchedulerParameters=batch_sched_delay=0,sched_interval=1,sched_min_interval=0',
    'SlurmdParameters=config_overrides',
    'ReturnToService=2',
    'KillWait=5',
    'NodeName=localhost NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN',
    'PartitionName=tiny Nodes=localhost Default=YES MaxTime=60 State=UP',
    '',
  ].join('\n');
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as net.AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

function attempt(action: () => string): string {
  try {
    return action();
  } catch {
    return ''; // not up yet
  }
}

async function until(condition: () => boolean, what: string, logs: () => string): Promise<void> {
  const limit = performance.now() + 60_000;
  while (!condition()) {
    if (performance.now() > limit) throw new Error(`Slurm: ${what} after a minute\n${logs()}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    child.once('close', () => resolve());
    child.kill('SIGTERM');
    setTimeout(() => child.kill('SIGKILL'), 8000).unref();
  });
}
