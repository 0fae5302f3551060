import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TerminalService } from '@aileron/contracts/grpc';
import { createClient, GrpcTransport } from '@aileron/service-host';
import { z } from 'zod';
import { SpawnedProgram } from '../machine/spawned-program.js';
import type { TerminalWay } from './carried-terminal.js';
import { outputsOfFrame } from './output-of-frame.js';
import { SHELL } from './shell.js';

const MAIN = fileURLToPath(new URL('../../../apps/workspace-terminal/dist/main.js', import.meta.url));
const DEADLINE_MS = 600_000;
const ReadyLine = z.object({ ready: z.literal(true), version: z.string() });

const isReady = (line: string): boolean => line.startsWith('{"ready"');

/** workspace-terminal over gRPC on a Unix socket, as the manager has it. */
export async function serviceTerminals(folder: string, nodeOptions: readonly string[] = []): Promise<TerminalWay> {
  const address = `unix:${join(folder, 'terminal.sock')}`;
  const config = { workspaceId: 'wsp_bench', workingDirectory: folder, ...SHELL };
  const environment = {
    AILERON_LISTEN: address,
    AILERON_LOG_LEVEL: 'error',
    AILERON_CONFIG: JSON.stringify(config),
  };
  const program = new SpawnedProgram({ command: process.execPath, args: [...nodeOptions, MAIN], environment });
  await program.ready(() => program.printed.includes('"ready":true'));
  const { version } = ReadyLine.parse(JSON.parse(program.printed.split('\n').find(isReady) ?? ''));
  const transport = new GrpcTransport({ address });
  const terminals = createClient(TerminalService, transport, { version });
  return {
    name: 'service',
    processes: () => [program.pid],
    close: async () => {
      transport.close();
      await program.close();
    },
    open: async () => {
      const terminalId = `trm_${randomUUID().slice(0, 8)}`;
      await terminals.openTerminal({ terminalId, title: '', columns: 120, rows: 30 });
      return {
        type: async (text) => void (await terminals.writeTerminal({ terminalId, data: Buffer.from(text) })),
        async *output(signal) {
          const attached = terminals.attachTerminal({ terminalId }, { signal, deadlineMs: DEADLINE_MS });
          for await (const { frame } of attached) yield* outputsOfFrame(frame);
        },
        close: async () => void (await terminals.closeTerminal({ terminalId })),
      };
    },
  };
}
