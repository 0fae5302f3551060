// A hostile program: `node client.fixture.ts <targets> <report>`. It is put into a workspace with its parts and run there.
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { type Attempt, type HostileReport, type Targets, tryAll } from './attempt.fixture.js';
import { fileAttempts } from './files.fixture.js';
import { kernelAttempts } from './kernel.fixture.js';
import { networkAttempts } from './network.fixture.js';
import { processAttempts } from './processes.fixture.js';
import { exchange, ownToken, proxyAttempts } from './proxy.fixture.js';

const [, , targetsPath = '', reportPath = ''] = process.argv;
const targets = JSON.parse(readFileSync(targetsPath, 'utf8')) as Targets;
const groups = [networkAttempts, proxyAttempts, fileAttempts, kernelAttempts, processAttempts];
const attempts: Attempt[] = [];
// One group after the other: the last one leaves no room for more processes while it tries.
for (const group of groups) attempts.push(...(await tryAll(group(targets))));
const status = await exchange(
  `GET /v1/self/status HTTP/1.1\r\nHost: 127.0.0.1:3128\r\nAuthorization: Bearer ${ownToken()}\r\n\r\n`,
);
const report: HostileReport = {
  attempts,
  reached: status.startsWith('HTTP/1.1 200') ? ['the proxy, for its own session'] : [],
};
writeFileSync(`${reportPath}.new`, JSON.stringify(report, null, 1));
renameSync(`${reportPath}.new`, reportPath);
