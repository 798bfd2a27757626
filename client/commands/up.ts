import { once } from 'node:events';
import { Command } from 'commander';
import { exitCodes, type Cli, type ExitCode } from '../cli.ts';
import { workingSession } from '../session/session.ts';

/** `millrace up`: Temporal and a worker in the foreground. */
export function upCommand(cli: Cli, exit: (code: ExitCode) => void): Command {
  return new Command('up')
    .description('Run Temporal and a worker until Ctrl-C; batches that were left go on.')
    .addHelpText('after', '\nExample:\n  millrace up &\n  millrace start-batch plan.yaml')
    .action(async () => {
      const session = await workingSession(cli);
      cli.out.write(
        `Temporal at ${session.address}${session.ui ? `, Web UI at ${session.ui}` : ''}; state in ${session.stateRoot}\n`,
      );
      cli.out.write('A worker runs. Ctrl-C stops both; nothing is lost.\n');
      if (!cli.signal.aborted) await once(cli.signal, 'abort');
      cli.out.write('stopping...\n');
      await session.end();
      exit(exitCodes.stopped);
    });
}
