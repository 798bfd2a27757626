import { once } from 'node:events';
import { Command } from 'commander';
import { exitCodes, type Cli, type ExitCode } from '../cli.ts';
import { workingSession, type Session } from '../session/session.ts';

/** `millrace up`: Temporal and a worker in the foreground. */
export function upCommand(cli: Cli, exit: (code: ExitCode) => void): Command {
  return new Command('up')
    .description('Run Temporal and a worker until Ctrl-C; batches that were left go on.')
    .addHelpText('after', '\nExample:\n  millrace up &\n  millrace start-batch plan.yaml')
    .action(async () => {
      const session = await workingSession(cli);
      try {
        cli.out.write(
          `Temporal at ${session.address}${session.ui ? `, Web UI at ${session.ui}` : ''}; state in ${session.stateRoot}\n`,
        );
        cli.out.write(`A worker runs. ${upWords(session, await session.otherKeepers())}\n`);
        if (!cli.signal.aborted) await once(cli.signal, 'abort');
        const others = await session.otherKeepers();
        cli.out.write(`${others.length === 0 ? 'stopping...' : keptWords(session, others)}\n`);
      } finally {
        await session.end();
      }
      exit(exitCodes.stopped);
    });
}

/** What a Ctrl-C will do. */
function upWords({ embedded }: Session, others: readonly number[]): string {
  if (others.length === 0) return `Ctrl-C stops ${embedded ? 'both' : 'it'}; nothing is lost.`;
  return `${keepers(others)} too: Ctrl-C ends this command alone, and this one takes over when the other ends first.`;
}

/** Why a Ctrl-C stopped this command alone. */
function keptWords({ embedded }: Session, others: readonly number[]): string {
  return `${embedded ? 'Server and worker go on' : 'The worker goes on'}. ${keepers(others)}; Ctrl-C there stops it.`;
}

function keepers(pids: readonly number[]): string {
  const [name, verb] = pids.length === 1 ? ['process', 'keeps'] : ['processes', 'keep'];
  return `Another millrace (${name} ${pids.join(', ')}) ${verb} it running`;
}
