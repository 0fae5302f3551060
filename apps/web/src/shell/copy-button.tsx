import { Button } from '@aileron/ui';
import { Check, Copy } from 'lucide-react';
import { useState } from 'react';
import { t } from '../i18n/translate.js';

const SHOWN_MS = 1_500;

export const CopyButton = ({
  text,
  label = t('Copy'),
  className,
}: {
  readonly text: string;
  readonly label?: string;
  readonly className?: string;
}) => {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), SHOWN_MS);
  };
  return (
    <Button tone="quiet" size="small" className={className} onClick={() => void copy()}>
      {copied ? <Check aria-hidden /> : <Copy aria-hidden />}
      {copied ? t('Copied') : label}
    </Button>
  );
};
