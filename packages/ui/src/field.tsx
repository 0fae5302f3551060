import { type ComponentProps, useId } from 'react';
import { classNames } from './class-names.js';

const control =
  'h-9 rounded-md border border-line bg-surface px-3 text-text placeholder:text-muted disabled:opacity-60 w-full';

/** A text field with its label; the label can be for screen readers alone. */
export const TextField = ({
  label,
  hideLabel = false,
  error,
  className,
  ...rest
}: ComponentProps<'input'> & {
  readonly label: string;
  readonly hideLabel?: boolean;
  readonly error?: string | undefined;
}) => {
  const id = useId();
  return (
    <div className={classNames('flex flex-col gap-1', className)}>
      <label htmlFor={id} className={hideLabel ? 'sr-only' : 'text-xs font-medium text-muted'}>
        {label}
      </label>
      <input
        id={id}
        className={control}
        aria-invalid={error !== undefined}
        aria-describedby={error === undefined ? undefined : `${id}-error`}
        {...rest}
      />
      {error !== undefined && (
        <p id={`${id}-error`} className="text-xs text-bad">
          {error}
        </p>
      )}
    </div>
  );
};

export interface SelectOption {
  readonly value: string;
  readonly label: string;
}

export const SelectField = ({
  label,
  options,
  className,
  ...rest
}: ComponentProps<'select'> & { readonly label: string; readonly options: readonly SelectOption[] }) => {
  const id = useId();
  return (
    <div className={classNames('flex flex-col gap-1', className)}>
      <label htmlFor={id} className="text-xs font-medium text-muted">
        {label}
      </label>
      <select id={id} className={control} {...rest}>
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
    </div>
  );
};

/** Several lines, with its label. */
export const TextArea = ({
  label,
  hideLabel = false,
  className,
  ...rest
}: ComponentProps<'textarea'> & { readonly label: string; readonly hideLabel?: boolean }) => {
  const id = useId();
  return (
    <div className={classNames('flex flex-col gap-1', className)}>
      <label htmlFor={id} className={hideLabel ? 'sr-only' : 'text-xs font-medium text-muted'}>
        {label}
      </label>
      <textarea id={id} className={classNames(control, 'h-auto min-h-9 resize-none py-2')} {...rest} />
    </div>
  );
};

export const CheckField = ({ label, className, ...rest }: ComponentProps<'input'> & { readonly label: string }) => (
  <label className={classNames('flex items-center gap-2', className)}>
    <input type="checkbox" className="size-4 shrink-0 accent-accent" {...rest} />
    {label}
  </label>
);
