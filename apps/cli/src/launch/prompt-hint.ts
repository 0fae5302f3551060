/** Told to every agent: where Aileron's actions are. About 90 tokens, paid once for each inference. */
export const PROMPT_HINT =
  'You run inside Aileron. Commands on PATH for connected systems (see /etc/aileron/tools.txt, details in ' +
  '/etc/aileron/actions.json, or `<command> --help`) already hold access: never ask for tokens. Some actions wait for a ' +
  'person to approve; the command waits with you. If one is refused, read the reason and do not work around it. ' +
  '`aileron status` shows your session.';
