import { Command } from 'commander';
import { chooseBatch } from '../batch/list.ts';
import { createBatchReader } from '../batch/view.ts';
import { exitCodes, printJson, type Cli, type ExitCode } from '../cli.ts';
import { othersLine } from '../render/others.ts';
import { reportText } from '../render/report.ts';
import { requireStarted } from '../session/ever-started.ts';
import { lookingSession } from '../session/session.ts';

/** `millrace report`: what came of a batch, read anew. */
export function reportCommand(cli: Cli, exit: (code: ExitCode) => void): Command {
  return new Command('report')
    .description('Print what came of a batch, as Markdown: outcomes, pull requests, reasons, rounds, time and cost.')
    .argument('[batch]', 'the batch (default: the one that was started last)')
    .option('--json', 'print one JSON document')
    .addHelpText('after', '\nExamples:\n  millrace report > morning.md\n  millrace report 261121-093000-1a2b --json')
    .action(async (named: string | undefined, flags: { readonly json?: boolean }) => {
      await requireStarted(cli.env);
      const session = await lookingSession(cli);
      try {
        const { batch, others } = await chooseBatch(session.client, named);
        const view = await createBatchReader(session).read(batch);
        if (flags.json) printJson(cli, view);
        else cli.out.write(reportText(view));
        // On standard error: a redirected report has one batch only.
        const more = othersLine(others);
        if (named === undefined && more !== null) cli.progress(more);
        exit(exitCodes.success);
      } finally {
        await session.end();
      }
    });
}
