import { afterEach, describe, expect, it } from '@jest/globals';
import { AileronError } from '@aileron/errors';
import { event, linesOnDisk, makeLogOptions, openLog } from './audit-log.fixture.js';
import { AuditShipper } from './audit-shipper.js';
import { type AuditLog } from './audit-log.js';

/** A store that behaves as the contract says. */
class Store {
  readonly lines: Uint8Array[] = [];
  readonly batches: number[] = [];
  failures = 0;
  loseAnswers = 0;

  async ship({ lines }: { lines: readonly Uint8Array[] }): Promise<{ acknowledgedSeq: number }> {
    if (this.failures-- > 0) throw new AileronError('UNAVAILABLE');
    if (lines.length > 0) this.batches.push(lines.length);
    for (const line of lines) {
      const { seq } = JSON.parse(new TextDecoder().decode(line)) as { seq: number };
      if (seq <= this.lines.length) continue;
      if (seq !== this.lines.length + 1) throw new AileronError('AUDIT_CHAIN_BROKEN', { seq });
      this.lines.push(Uint8Array.from(line));
    }
    if (lines.length > 0 && this.loseAnswers-- > 0) throw new AileronError('UNAVAILABLE');
    return { acknowledgedSeq: this.lines.length };
  }
}

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const ship = (log: AuditLog, sink: Store, warn: (name: string) => void = () => undefined) => {
  const shipper = new AuditShipper({ log, sink, warn });
  shipper.start();
  closing.push(
    () => shipper.stop(2_000),
    () => log.close(),
  );
  return shipper;
};

const until = async (condition: () => boolean) => {
  const deadline = Date.now() + 10_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('it did not come true');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};

describe('AuditShipper', () => {
  it('ships every line once, in order and in bounded batches, over rotated files', async () => {
    const log = await openLog(await makeLogOptions({ maxFileBytes: 50_000 }));
    await Promise.all(Array.from({ length: 1_200 }, (_, i) => log.append(event(`before.${i}`))));
    const store = new Store();
    ship(log, store);
    await Promise.all(Array.from({ length: 300 }, (_, i) => log.append(event(`after.${i}`))));
    await until(() => store.lines.length === log.place.seq);
    expect(Math.max(...store.batches)).toBeLessThanOrEqual(500);
    expect(store.lines).toEqual(await linesOnDisk(log));
  });

  it('resumes where the other side is, after failures and lost answers', async () => {
    const log = await openLog(await makeLogOptions());
    const store = new Store();
    store.failures = 2;
    store.loseAnswers = 1;
    const warnings: string[] = [];
    const shipper = ship(log, store, (name) => warnings.push(name));
    await Promise.all(Array.from({ length: 50 }, (_, i) => log.append(event(`e.${i}`))));
    await until(() => shipper.acknowledgedSeq === log.place.seq);
    expect(store.lines).toEqual(await linesOnDisk(log));
    expect(warnings).toContain('audit.ship-failed');
  });

  it('says so when the other side has more than the log: an older copy was put back', async () => {
    const log = await openLog(await makeLogOptions());
    const store = new Store();
    store.lines.push(...Array.from({ length: 9 }, () => new Uint8Array(1)));
    const details: unknown[] = [];
    const shipper = new AuditShipper({ log, sink: store, warn: (_, detail) => details.push(detail) });
    shipper.start();
    closing.push(
      () => shipper.stop(100),
      () => log.close(),
    );
    await log.append(event('e'));
    await until(() => details.length > 0);
    expect(details[0]).toMatchObject({ code: 'AUDIT_CHAIN_BROKEN' });
  });

  it('sends what is left when it stops', async () => {
    const log = await openLog(await makeLogOptions());
    const store = new Store();
    const shipper = ship(log, store);
    await until(() => shipper.acknowledgedSeq === 0);
    await log.append(event('last'));
    await log.checkpoint();
    await shipper.stop(2_000);
    expect(store.lines).toHaveLength(2);
  });
});
