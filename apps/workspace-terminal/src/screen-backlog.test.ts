import { describe, expect, it, jest } from '@jest/globals';
import { ScreenBacklog } from './screen-backlog.js';
import { controlsOf } from './screen-controls.js';
import { TerminalScreen } from './terminal-screen.js';

jest.setTimeout(120_000);

const controls = (text: string): string => controlsOf(Buffer.from(text)).toString();
const SIZE = { columns: 80, rows: 24 };

describe('what is kept of output that nobody will see', () => {
  it('is what changes the terminal, without text, moves and erasures', () => {
    const shown =
      'text\u001b[2J\u001b[10;5H\u001b[?1049hmore\u001b[Kand\u001b[2;20r\u001b]0;a title\u0007\r\n\u001bD\u001b7';
    expect(controls(shown)).toBe('\u001b[?1049h\u001b[2;20r\u001b]0;a title\u0007\u001b7');
  });

  it('is the colour that holds at the end, and questions', () => {
    expect(controls('\u001b[31mred\u001b[0;1mbold\u001b[4m\u001b[6n')).toBe('\u001b[6n\u001b[0;1m\u001b[4m');
  });

  it('ends with a sequence that is not over', () => {
    for (const open of ['\u001b', '\u001b[', '\u001b[3', '\u001b]0;half', '\u001b(', '\u001bP$q'])
      expect(controls(`\u001b[1mtext${open}`)).toBe(`\u001b[1m${open}`);
  });

  it('has a bound', () => {
    expect(controlsOf(Buffer.from('\u001b[?25l\u001b[?25h'.repeat(100_000))).length).toBeLessThanOrEqual(64 << 10);
    expect(controls(`\u001bP${'x'.repeat(10_000)}\u001b\\end`)).toBe('');
  });
});

describe('output that is not drawn yet', () => {
  it('keeps the lines that are seen and no others, in a bound', () => {
    const backlog = new ScreenBacklog();
    const lines = Array.from({ length: 1_000 }, (_, index) => `line ${index}\r\n`).join('');
    for (let times = 0; times < 1_000; times += 1) backlog.add(Buffer.from(lines), 100);
    backlog.shorten(100);
    expect(backlog.isWholePast).toBe(true);
    expect(Buffer.concat(backlog.chunks).toString()).toBe(lines.split('\r\n').slice(-101).join('\r\n'));
    backlog.add(Buffer.alloc(8 << 20, 'x'), 100);
    expect(backlog.bytes).toBeLessThanOrEqual(2 << 20);
  });
});

describe('a screen', () => {
  const shownBy = async (screen: TerminalScreen): Promise<string> => {
    await screen.drawn();
    return Buffer.from(screen.encode()).toString();
  };

  it('is the same drawn at once, in pieces, and from what it says while it has not drawn', async () => {
    const lines = Array.from({ length: 30_000 }, (_, index) => `\u001b[3${index % 8}mline ${index}\u001b[0m\r\n`).join(
      '',
    );
    const output = Buffer.from(`\u001b[?2004h${lines}\u001b[5;7H\u001b[1mend`);
    const whole = new TerminalScreen({ ...SIZE, scrollback: 200 });
    whole.write(output);
    const pieces = new TerminalScreen({ ...SIZE, scrollback: 200 });
    for (let at = 0; at < output.length; at += 997) {
      pieces.write(output.subarray(at, at + 997));
      if (at % 19 === 0) await pieces.drawn();
    }
    const copied = new TerminalScreen({ ...SIZE, scrollback: 200 });
    copied.write(Buffer.from(whole.encode().subarray(4)));
    const shown = await shownBy(whole);
    expect(shown).toContain('line 29999');
    expect(shown).toContain('\u001b[?2004h');
    expect(await shownBy(pieces)).toBe(shown);
    expect(await shownBy(copied)).toBe(shown);
    for (const screen of [whole, pieces, copied]) screen.dispose();
  });

  it('is not larger than a message, however large it is and however it is coloured', async () => {
    const huge = new TerminalScreen({ columns: 500, rows: 250, scrollback: 0 });
    const cells = Array.from({ length: 20_000 }, (_, index) => `\u001b[48;2;${index % 256};${index % 199};7mx`).join(
      '',
    );
    for (let times = 0; times < 7; times += 1) {
      huge.write(Buffer.from(cells));
      await huge.drawn();
    }
    expect(huge.encode().length).toBeLessThanOrEqual((2 << 20) + 4);
    huge.dispose();
  });
});
