import { CircleAlert, RotateCw } from 'lucide-react';
import { type ReactNode, useContext } from 'react';
import { Button } from './button.js';
import { classNames } from './class-names.js';
import { UiTextsContext } from './ui-texts.js';

/** Stands where something will stand, in its size. */
export const Skeleton = ({ className }: { readonly className?: string }) => (
  <div aria-hidden className={classNames('animate-pulse rounded-md bg-raised', className)} />
);

/** Rows that are on their way. */
export const SkeletonRows = ({ rows = 5, label }: { readonly rows?: number; readonly label: string }) => (
  <div role="status" aria-label={label} className="flex flex-col gap-2 p-4">
    {Array.from({ length: rows }, (_, row) => (
      <Skeleton key={row} className="h-10 w-full" />
    ))}
  </div>
);

export interface EmptyProps {
  readonly icon: ReactNode;
  readonly title: string;
  /** What this is, and how there comes to be something. */
  readonly children: ReactNode;
  readonly action?: ReactNode;
}

export const Empty = ({ icon, title, children, action }: EmptyProps) => (
  <div className="flex flex-col items-center gap-2 px-6 py-14 text-center">
    <div aria-hidden className="text-muted [&_svg]:size-8">
      {icon}
    </div>
    <h2 className="text-base font-semibold">{title}</h2>
    <p className="max-w-md text-muted">{children}</p>
    {action}
  </div>
);

export interface FailureProps {
  readonly title: string;
  /** What to do about it. */
  readonly action: string;
  readonly code?: string;
  readonly requestId?: string | undefined;
  readonly onRetry?: () => void;
}

/** Something that went wrong, by name, and what to do. */
export const Failure = ({ title, action, code, requestId, onRetry }: FailureProps) => {
  const { tryAgain } = useContext(UiTextsContext);
  return (
    <div role="alert" className="m-4 flex items-start gap-3 rounded-md border border-bad/40 p-4">
      <CircleAlert aria-hidden className="mt-0.5 size-5 shrink-0 text-bad" />
      <div className="flex min-w-0 flex-col gap-1">
        <p className="font-semibold">{title}</p>
        <p className="text-muted">{action}</p>
        {code !== undefined && (
          <p className="font-mono text-xs break-all text-muted">
            {code}
            {requestId !== undefined && ` · ${requestId}`}
          </p>
        )}
        {onRetry !== undefined && (
          <Button size="small" className="mt-1 self-start" onClick={onRetry}>
            <RotateCw aria-hidden /> {tryAgain}
          </Button>
        )}
      </div>
    </div>
  );
};
