import { classNames, VisibleText } from '@aileron/ui';
import { t } from '../../i18n/translate.js';
import { type DiffHunk, type DiffLine, splitRows } from './parse-diff.js';

const TONES: Readonly<Record<DiffLine['kind'], string>> = {
  same: '',
  removed: 'bg-bad/10',
  added: 'bg-good/10',
  note: 'text-muted italic',
};
const SIGNS: Readonly<Record<DiffLine['kind'], string>> = { same: ' ', removed: '-', added: '+', note: ' ' };

/** Hunks of one file, unified or side by side. Long ones scroll by themselves. */
export const DiffView = ({
  hunks,
  split = false,
}: {
  readonly hunks: readonly DiffHunk[];
  readonly split?: boolean;
}) => (
  <div
    className="overflow-x-auto font-mono text-xs leading-5"
    tabIndex={0}
    role="group"
    aria-label={split ? t('Changes side by side') : t('Changes')}
  >
    <div className={split ? 'min-w-[40rem]' : 'w-max min-w-full'}>
      {hunks.map((hunk, index) => (
        <div
          key={index}
          style={{ contentVisibility: 'auto', containIntrinsicSize: `auto ${hunk.lines.length * 20}px` }}
        >
          <p className="border-y border-line bg-raised px-3 text-muted first:border-t-0">
            @@ <VisibleText text={hunk.heading} />
          </p>
          {split ? <SplitHunk hunk={hunk} /> : <UnifiedHunk hunk={hunk} />}
        </div>
      ))}
    </div>
  </div>
);

const Numbered = ({ value }: { readonly value: number | null }) => (
  <span aria-hidden className="w-10 shrink-0 pr-2 text-right text-muted tabular-nums select-none">
    {value ?? ''}
  </span>
);

const Content = ({ line }: { readonly line: DiffLine }) => (
  <span className="whitespace-pre">
    <span className="select-none">{SIGNS[line.kind]} </span>
    <VisibleText text={line.text} />
  </span>
);

const UnifiedHunk = ({ hunk }: { readonly hunk: DiffHunk }) => (
  <>
    {hunk.lines.map((line, index) => (
      <div key={index} className={classNames('flex pr-3', TONES[line.kind])}>
        <Numbered value={line.before} />
        <Numbered value={line.after} />
        <Content line={line} />
      </div>
    ))}
  </>
);

const SplitHunk = ({ hunk }: { readonly hunk: DiffHunk }) => (
  <div className="grid grid-cols-2">
    {splitRows(hunk.lines).map(([before, after], index) => (
      <SplitRowView key={index} before={before} after={after} />
    ))}
  </div>
);

const SplitRowView = ({ before, after }: { readonly before: DiffLine | null; readonly after: DiffLine | null }) => (
  <>
    {[before, after].map((line, side) => (
      <div
        key={side}
        className={classNames(
          'flex min-w-0 overflow-hidden pr-2',
          side === 1 && 'border-l border-line',
          line === null ? 'bg-raised/50' : TONES[line.kind],
        )}
      >
        {line !== null && (
          <>
            <Numbered value={side === 0 ? line.before : line.after} />
            <Content line={line} />
          </>
        )}
      </div>
    ))}
  </>
);
