import { describe, expect, it } from '@jest/globals';
import { generateRecoveryKit, recoveryKeyOf } from './recovery-kit.js';

const keyOf = async (kit: string) => Buffer.from((await recoveryKeyOf(kit)).expose()).toString('hex');

describe('a recovery kit', () => {
  it('has 200 random bits in groups a person can read out', async () => {
    const kits = await Promise.all(Array.from({ length: 50 }, generateRecoveryKit));
    expect(new Set(kits).size).toBe(50);
    for (const kit of kits) expect(kit).toMatch(/^AILERON(-[0-9A-HJKMNP-TV-Z]{4}){11}$/);
  });

  it('is read however it is typed', async () => {
    const kit = await generateRecoveryKit();
    const key = await keyOf(kit);
    const body = kit.slice('AILERON-'.length);
    expect(await keyOf(kit.toLowerCase())).toBe(key);
    expect(await keyOf(` ${body.replaceAll('-', '  ')}\n`)).toBe(key);
    expect(await keyOf(body.replaceAll('0', 'O').replaceAll('1', 'l'))).toBe(key);
  });

  it('notices every single slip and every swap of neighbours', async () => {
    const kit = (await generateRecoveryKit()).slice('AILERON-'.length).replaceAll('-', '');
    for (let i = 0; i < kit.length; i++) {
      const slip = kit.slice(0, i) + (kit[i] === 'X' ? 'Y' : 'X') + kit.slice(i + 1);
      const swap = kit.slice(0, i) + kit.charAt(i + 1) + kit.charAt(i) + kit.slice(i + 2);
      for (const typed of [slip, ...(swap === kit ? [] : [swap])]) {
        await expect(recoveryKeyOf(typed)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
      }
    }
    for (const typed of ['', 'AILERON', kit.slice(1), `${kit}0`, 'U'.repeat(44), 'x'.repeat(10_000)]) {
      await expect(recoveryKeyOf(typed)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    }
  });
});
