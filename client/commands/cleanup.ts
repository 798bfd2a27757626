import { readFile } from 'node:fs/promises';
import { Command } from 'commander';
import { stateLayout } from '../../workflows/domain/host/layout.ts';
import { runCleanup } from '../../workflows/starts.ts';
import { exitCodes, printJson, type Cli, type ExitCode } from '../cli.ts';
import { table } from '../render/table.ts';
import { workingSession } from '../session/session.ts';

interface Flags {
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** `millrace cleanup`: removes worktrees that nobody needs, but never work that is on no ref. */
export function cleanupCommand(cli: Cli, exit: (code: ExitCode) => void): Command {
  return new Command('cleanup')
    .description('Remove worktrees of issues that are over. What holds work that is on no ref is refused.')
    .option('--dry-run', 'say what would be removed; remove nothing')
    .option('--json', 'print one JSON document')
    .addHelpText('after', '\nExamples:\n  millrace cleanup --dry-run\n  millrace cleanup')
    .action(async (flags: Flags) => exit(await cleanup(cli, flags)));
}

async function cleanup(cli: Cli, flags: Flags): Promise<ExitCode> {
  const session = await workingSession(cli);
  try {
    const host = (await readFile(stateLayout(session.stateRoot).host, 'utf8')).trim();
    const result = await runCleanup(session.client, { version: 1, host, dryRun: flags.dryRun ?? false });
    if (flags.json) printJson(cli, result);
    else if (result.items.length === 0) cli.out.write('nothing to clean up\n');
    else
      cli.out.write(
        `${table(
          ['what', 'action', 'why'],
          result.items.map((item) => [item.path, item.action, item.reason]),
        )}\n`,
      );
    return result.items.some((item) => item.action === 'refused') ? exitCodes.unsuccessful : exitCodes.success;
  } finally {
    await session.end();
  }
}
