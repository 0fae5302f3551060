import { type StreamStatus, type TerminalDisplay, TerminalLink } from '@aileron/live-stream';
import { Button } from '@aileron/ui';
import { FitAddon } from '@xterm/addon-fit';
import { type ITheme, Terminal } from '@xterm/xterm';
import { useEffect, useRef, useState } from 'react';
import { t } from '../../i18n/translate.js';
import { useTheme } from '../../shell/theme.js';
import { dialWebSocket, whenOnline } from '../../streams/dial.js';
import { StreamLine } from '../conversation/stream-line.js';
import '@xterm/xterm/css/xterm.css';

const COLOURS: Readonly<Record<'light' | 'dark', ITheme>> = {
  light: {
    background: '#ffffff',
    foreground: '#14181f',
    cursor: '#14181f',
    selectionBackground: '#b9ccf7',
    black: '#14181f',
    red: '#b4231a',
    green: '#0c6b3c',
    yellow: '#8a4b00',
    blue: '#1b4fd6',
    magenta: '#8b2fa8',
    cyan: '#0b6b78',
    white: '#535c69',
    brightBlack: '#535c69',
    brightRed: '#b4231a',
    brightGreen: '#0c6b3c',
    brightYellow: '#8a4b00',
    brightBlue: '#1b4fd6',
    brightMagenta: '#8b2fa8',
    brightCyan: '#0b6b78',
    brightWhite: '#14181f',
  },
  dark: { background: '#151a21', foreground: '#e8ecf2', cursor: '#e8ecf2', selectionBackground: '#33456b' },
};

/** Leaves the terminal; everything else is the program's. */
function leaveOnEscape(event: KeyboardEvent): boolean {
  if (!event.ctrlKey || !event.shiftKey || event.key !== 'Escape') return true;
  if (event.type === 'keydown') document.getElementById(AFTER)?.focus();
  return false;
}
const AFTER = 'after-terminal';

/** Output into xterm, byte for byte. */
function displayOf(terminal: Terminal, onExit: (code: number) => void): TerminalDisplay {
  return {
    reset: ({ columns, rows }, drawing) => {
      terminal.reset();
      terminal.resize(columns, rows);
      terminal.write(drawing);
    },
    write: (data) => terminal.write(data),
    resize: (columns, rows) => terminal.resize(columns, rows),
    exited: onExit,
    gap: () => terminal.write(`\r\n\u001b[33m[${t('output is missing here')}]\u001b[0m\r\n`),
  };
}

interface Opened {
  readonly screen: Terminal;
  readonly link: TerminalLink;
  readonly close: () => void;
}

interface OpenOptions {
  readonly element: HTMLElement;
  readonly path: string;
  readonly label: string;
  readonly onStatus: (status: StreamStatus) => void;
  readonly onExit: (code: number) => void;
}

/** Puts a terminal into an element and attaches it: output in, keys and sizes out. */
function openScreen({ element, path, label, onStatus, onExit }: OpenOptions): Opened {
  const screen = new Terminal({ fontSize: 12, scrollback: 10_000, screenReaderMode: true, cursorBlink: true });
  const fit = new FitAddon();
  screen.loadAddon(fit);
  screen.open(element);
  screen.textarea?.setAttribute('aria-label', label);
  const link = new TerminalLink({
    path,
    display: displayOf(screen, onExit),
    writer: crypto.randomUUID(),
    onStatus,
    dials: [dialWebSocket],
    wakes: whenOnline,
  });
  const sendSize = () => {
    const size = fit.proposeDimensions();
    if (size !== undefined && size.cols >= 2 && size.rows >= 1) link.resize({ columns: size.cols, rows: size.rows });
  };
  screen.onData((data) => {
    if (!link.type(data))
      screen.write(`\r\n\u001b[33m[${t('not connected: what you type is not taken')}]\u001b[0m\r\n`);
  });
  screen.attachCustomKeyEventHandler(leaveOnEscape);
  const observer = new ResizeObserver(sendSize);
  observer.observe(element);
  link.start();
  const close = () => {
    observer.disconnect();
    link.stop();
    screen.dispose();
  };
  return { screen, link, close };
}

interface ScreenProps {
  /** Where it is attached. */
  readonly path: string;
  readonly label: string;
}

/** The terminal in the element that `host` is given to, attached while it is there. */
function useTerminal({ path, label }: ScreenProps) {
  const [theme] = useTheme();
  const host = useRef<HTMLDivElement>(null);
  const opened = useRef<Opened | null>(null);
  const [status, setStatus] = useState<StreamStatus>({ state: 'connecting' });
  const [exitCode, setExitCode] = useState<number | null>(null);
  useEffect(() => {
    const element = host.current;
    if (element === null) return undefined;
    const terminal = openScreen({ element, path, label, onStatus: setStatus, onExit: setExitCode });
    opened.current = terminal;
    return () => {
      opened.current = null;
      terminal.close();
    };
  }, [path, label]);
  useEffect(() => {
    if (opened.current !== null) opened.current.screen.options.theme = COLOURS[theme];
  }, [theme, path, label]);
  return { host, opened, status, exitCode };
}

/** One terminal, and behind it where one gets to who leaves it by keyboard. */
export const TerminalScreen = (props: ScreenProps) => {
  const { host, opened, status, exitCode } = useTerminal(props);
  return (
    <>
      <StreamLine status={status} onRetry={() => opened.current?.link.retryNow()} />
      <div
        ref={host}
        className="min-h-0 flex-1 overflow-hidden bg-surface p-2 -outline-offset-2 outline-accent focus-within:outline-2"
      />
      <Button
        id={AFTER}
        size="small"
        className="sr-only focus:not-sr-only focus:m-1"
        onClick={() => opened.current?.screen.focus()}
      >
        {t('Back into the terminal')}
      </Button>
      {exitCode !== null && (
        <p role="status" className="border-t border-line px-3 py-1.5 text-xs text-muted">
          {t('It ended with code {code}.', { code: exitCode })}
        </p>
      )}
    </>
  );
};
